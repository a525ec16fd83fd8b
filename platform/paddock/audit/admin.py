"""Who did what, and why: looked at, never changed. `participants` registers the pages, for it knows the events."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET
from unfold.paginator import InfinitePaginator

from paddock.audit.exports import export_trail
from paddock.audit.filters import (
    KindFilter,
    ObjectFilter,
    RequestFilter,
    SinceFilter,
    TypeFilter,
    UntilFilter,
    WhoFilter,
)
from paddock.audit.history import lines_of_entry, link_lists, link_request
from paddock.audit.models import AuditEntry, Record, RowChange
from paddock.audit.row_words import Line, find_types, name_type, put_in_words
from paddock.tenancy.admin_base import ReadOnly, TenantAdmin, may, show_label, show_time
from paddock.tenancy.models import Membership

# What has no page of its own, and is on one for owners.
OF_OWNERS = frozenset({"claimrule", "eventaccess", "invitedevent", "mappedmembership", "organization"})
SHOWN = 100
TYPED = ("since", "until", "who")
COLOURS = {"added": "success", "changed": "info", "deleted": "danger"}


def hide_types(site: admin.AdminSite, request: HttpRequest) -> set[str]:
    """What is done to rows is for those who may open their pages. Owners read all that is done."""
    if may(request, Membership.Role.OWNER):
        return set()
    hidden = set(OF_OWNERS)
    for name, model in find_types().items():
        has_page = name not in OF_OWNERS and site.is_registered(model)
        if has_page and not site.get_model_admin(model).has_view_permission(request):
            hidden.add(name)
    return hidden


class TrailAdmin(ReadOnly, TenantAdmin):
    """Nothing is counted, because that would read the whole trail."""

    event_path = "event_id"
    list_before_template = "admin/audit/list_head.html"
    paginator = InfinitePaginator
    show_full_result_count = False
    list_filter: ClassVar[list[Any]] = [
        KindFilter,
        TypeFilter,
        SinceFilter,
        UntilFilter,
        WhoFilter,
        RequestFilter,
        ObjectFilter,
    ]
    search_fields = ["actor_name", "object_name", "action", "reason"]
    search_help_text = "Who, what, about whom or why"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).exclude(object_type__in=self.list_hidden_types(request))

    def list_hidden_types(self, request: HttpRequest) -> set[str]:
        return hide_types(self.admin_site, request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["when", "who", "kind", "what", "thing", "reason", "of_request", "before_and_after"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_readonly_fields(request, obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_GET(self.csv_view))
        rest: list[URLPattern] = super().get_urls()
        return [path("csv/", view, name=f"{self.opts.app_label}_{self.opts.model_name}_csv"), *rest]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        filters = link_request(request)
        tabs = [tab | {"is_current": tab["model"] is self.model} for tab in link_lists(filters)]
        context = {
            "tabs": tabs,
            "csv_address": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_csv", query=filters),
            "typed": {name: request.GET.get(name, "") for name in TYPED},
            "kept": [(name, value) for name, values in filters.items() if name not in TYPED for value in values],
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def csv_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """What the list shows, by its filters, on all of its pages."""
        return export_trail(self.get_changelist_instance(request).get_queryset(request))

    @admin.display(description="When", ordering="at")
    def when(self, record: Record) -> str:
        return show_time(record.at)

    @admin.display(description="Who", ordering="actor_name")
    def who(self, record: Record) -> str:
        return record.actor_name

    @admin.display(description="Kind of actor")
    def kind(self, record: Record) -> str:
        return record.get_actor_kind_display()

    @admin.display(description="About")
    def thing(self, record: Record) -> str:
        return f"{name_type(record.object_type).capitalize()}: {record.object_name or record.object_id}"

    @admin.display(description="Request")
    def of_request(self, record: Record) -> str:
        return record.request_id or "-"


class AuditEntryAdmin(TrailAdmin):
    list_display = ["when", "who", "what", "object_name", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "rows"]

    @admin.display(description="What", ordering="action")
    def what(self, entry: AuditEntry) -> str:
        return entry.action

    @admin.display(description="Before → after")
    def before_and_after(self, entry: AuditEntry) -> SafeString:
        return draw_lines(lines_of_entry(entry))

    @admin.display(description="Rows that changed with it")
    def rows(self, entry: AuditEntry) -> str:
        """Of the same request: all that the database saw of it."""
        if not entry.request_id:
            return "-"
        changes = entry.row_changes  # type: ignore[attr-defined]
        told = put_in_words(changes[:SHOWN])
        for change in changes:
            change.thing = self.thing(change)
        rows = [(change, told[change.pk]) for change in changes[:SHOWN]]
        address = reverse("admin:audit_rowchange_changelist", query={"request": entry.request_id})
        return render_to_string(
            "admin/audit/rows.html",
            {"rows": rows, "more": len(changes) > SHOWN, "address": address},
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """With the row changes of the same request that this person may see."""
        entry = super().get_object(request, object_id, from_field)
        if entry and entry.request_id:
            seen = self.admin_site.get_model_admin(RowChange).get_queryset(request)
            entry.row_changes = list(seen.filter(request_id=entry.request_id).order_by("id")[: SHOWN + 1])
        return entry


class RowChangeAdmin(TrailAdmin):
    list_display = ["when", "who", "what", "thing", "summary", "reason"]

    @admin.display(description="What", ordering="action")
    def what(self, change: RowChange) -> str:
        return show_label(change.action, change.get_action_display(), COLOURS)

    @admin.display(description="Before → after")
    def before_and_after(self, change: RowChange) -> SafeString:
        return draw_lines(put_in_words([change])[change.pk])

    @admin.display(description="Before → after")
    def summary(self, change: RowChange) -> str:
        """Of the first columns; the page of the change has them all."""
        lines: list[Line] = change.lines  # type: ignore[attr-defined]
        told = "; ".join(map(str, lines[:3])) if change.action == RowChange.Action.CHANGED else ""
        return f"{told[:200]}{' …' if told and len(lines) > 3 else ''}"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's changes are put in words together, in a constant number of queries."""
        changes = super().get_changelist_instance(request)
        changes.result_list = list(changes.result_list)
        told = put_in_words(changes.result_list)
        for change in changes.result_list:
            change.lines = told[change.pk]
        return changes


def draw_lines(lines: Iterable[Line]) -> SafeString:
    return render_to_string("admin/audit/lines.html", {"lines": list(lines)})
