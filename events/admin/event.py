"""Events with what they ask, say and offer."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from events.domain.questions import add_built_in_questions
from events.models import Event, EventAccess, MailTemplate, Material, Question, Race
from paddock.tenancy.admin_base import TenantAdmin, TenantInline
from paddock.tenancy.models import Membership


class QuestionInline(TenantInline):
    model = Question
    fields = ["position", "key", "label", "kind", "choices", "required", "help_text"]


class MaterialInline(TenantInline):
    model = Material
    fields = ["position", "group", "title", "url", "text"]


class RaceInline(TenantInline):
    model = Race
    fields = ["name", "url", "opens_at", "closes_at"]


class MailTemplateInline(TenantInline):
    model = MailTemplate
    fields = ["kind", "subject", "body"]


@admin.register(Event)
class EventAdmin(TenantAdmin):
    event_path = "pk"
    list_display = ["title", "is_published", "starts_at", "capacity", "sponsoring_account", "portal"]
    list_filter = ["is_published", "sponsoring_account"]
    list_select_related = ["organization", "sponsoring_account"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [QuestionInline, MaterialInline, RaceInline, MailTemplateInline]
    readonly_fields = ["portal", "directory_group_id", "identity_center_group_id", "permission_set_arn"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "summary", "description", "is_published", "portal"]}),
        (
            "Dates",
            {"fields": ["time_zone", ("starts_at", "ends_at"), ("registration_opens_at", "registration_closes_at")]},
        ),
        ("Who may register", {"fields": ["capacity", "allowed_email_domains", "allows_guests", "requires_sign_in"]}),
        (
            "Access",
            {"fields": ["directory", "sponsoring_account", "group_name", "permission_set_name", "session_minutes"]},
        ),
        (
            "Made outside",
            {"fields": ["directory_group_id", "identity_center_group_id", "permission_set_arn"], "classes": ["collapse"]},
        ),
    ]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change:
            add_built_in_questions(event=form.instance)

    @admin.display(description="Portal")
    def portal(self, event: Event) -> str:
        if not event.pk:
            return "Appears after the first save."
        address = reverse("participants:portal", args=[event.organization.slug, event.slug])
        return format_html('<a href="{}">{}</a>', address, address)


@admin.register(EventAccess)
class EventAccessAdmin(TenantAdmin):
    writing_role = Membership.Role.OWNER
    list_display = ["membership", "event"]
    list_select_related = ["membership__user", "event"]
