"""Who did what, and why: looked at, never changed. `participants` registers the page, for it knows the events."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from paddock.audit.models import AuditEntry
from paddock.tenancy.admin_base import ReadOnly, TenantAdmin, may, show_time
from paddock.tenancy.models import Membership

# What is done to these is for those who may open their pages.
OF_OWNERS = ["membership", "eventaccess", "apikey", "keyaccess"]


class AuditEntryAdmin(ReadOnly, TenantAdmin):
    event_path = "event_id"
    list_display = ["when", "actor_name", "action", "object_name", "reason"]
    list_filter: list[Any] = ["object_type"]
    search_fields = ["actor_name", "object_name", "action", "reason"]
    search_help_text = "Who, what, about whom or why"
    fields = ["when", "actor_name", "action", ("object_type", "object_name"), "reason", "before_and_after"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        queryset: QuerySet[AuditEntry] = super().get_queryset(request)
        return queryset if may(request, Membership.Role.OWNER) else queryset.exclude(object_type__in=OF_OWNERS)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["when", "actor_name", "action", "object_type", "object_name", "reason", "before_and_after"]

    @admin.display(description="When", ordering="at")
    def when(self, entry: AuditEntry) -> str:
        return show_time(entry.at)

    @admin.display(description="Before → after")
    def before_and_after(self, entry: AuditEntry) -> str:
        lines = [f"{name}: {before} → {after}" for name, (before, after) in entry.changes.items()]
        return "; ".join(lines) or "-"
