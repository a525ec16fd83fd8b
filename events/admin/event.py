"""Events with what they ask, say and offer. `participants` registers the page, because it adds who takes part."""

from contextlib import AbstractContextManager
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from events.admin.event_accounts import EventAccountInline
from events.admin.event_form import EventForm, QuestionForm, find_typed_zone, guess_connections
from events.domain.questions import add_built_in_questions
from events.models import Event, Material, Question, Race, SponsoringAccount
from paddock.tenancy.admin_base import (
    ChosenFilter,
    ReadOnly,
    TenantAdmin,
    TenantStackedInline,
    TenantTabularInline,
    sees_all_events,
    show_label,
    show_time,
)


class AccountFilter(ChosenFilter):
    title = "sponsoring account"
    parameter_name = "sponsoring_account"
    path = "accounts__sponsoring_account"
    model = SponsoringAccount


class QuestionInline(TenantStackedInline):
    model = Question
    form = QuestionForm
    tab = True
    collapsible = True
    ordering_field = "position"
    hide_ordering_field = True
    fields = ["position", ("label", "key"), ("kind", "required"), "choices", "help_text"]


class MaterialInline(TenantStackedInline):
    model = Material
    tab = True
    collapsible = True
    ordering_field = "position"
    hide_ordering_field = True
    fields = ["position", ("group", "title"), "url", "text"]


class RaceInline(ReadOnly, TenantTabularInline):
    """Each race has a page of its own, where it is changed."""

    model = Race
    tab = True
    hide_title = True
    fields = ["race", "state", "opens", "closes"]
    readonly_fields = fields

    @admin.display(description="Race")
    def race(self, race: Race) -> str:
        address = reverse("admin:events_race_change", args=[race.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, race)

    @admin.display(description="Opens")
    def opens(self, race: Race) -> str:
        return show_time(race.opens_at, race.event.zone)

    @admin.display(description="Closes")
    def closes(self, race: Race) -> str:
        return show_time(race.closes_at, race.event.zone)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("event")


class EventAdmin(TenantAdmin):
    form = EventForm
    event_path = "pk"
    list_display = ["title", "publication", "starts", "portal"]
    list_filter = ["is_published", AccountFilter]
    list_select_related = ["organization"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    readonly_preprocess_fields = {"description": linebreaksbr}
    inlines = [EventAccountInline, QuestionInline, MaterialInline, RaceInline]
    readonly_fields = ["portal"]
    fieldsets = [
        (None, {"fields": [("title", "slug"), "summary", "description", "is_published", "portal"]}),
        (
            "Dates",
            {
                "fields": ["time_zone", "starts_at", "ends_at", "registration_opens_at", "registration_closes_at"],
            },
        ),
        (
            "Who may register",
            {
                "fields": [
                    ("capacity", "expected_participants"),
                    *("allowed_email_domains", "allows_guests", "requires_sign_in"),
                ]
            },
        ),
        (
            "Access",
            {
                "fields": [
                    "directory",
                    ("group_name", "permission_set_name"),
                    "session_minutes",
                ]
            },
        ),
        ("Budget contacts", {"fields": ["contacts"]}),
    ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**guess_connections(), **super().get_changeform_initial_data(request)}

    def get_prepopulated_fields(self, request: HttpRequest, obj: Event | None = None) -> dict[str, Any]:
        """An address that is out in the world does not follow the title."""
        return {} if obj else self.prepopulated_fields

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """All times of the page are those of the event's zone, both ways."""
        with self._enter_zone(request, object_id):
            response = super().changeform_view(request, object_id, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def _enter_zone(self, request: HttpRequest, object_id: str | None) -> AbstractContextManager[None]:
        event = self.get_object(request, object_id) if object_id else None
        typed = find_typed_zone(request.POST) if request.method == "POST" else None
        return timezone.override(typed or (event.zone if event else timezone.get_default_timezone()))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change:
            add_built_in_questions(event=form.instance)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever is for chosen events would not see a new one."""
        return super().has_add_permission(request, obj) and sees_all_events(request)

    @admin.display(description="Portal page", ordering="is_published")
    def publication(self, event: Event) -> str:
        word = "Published" if event.is_published else "Draft"
        return show_label(word, word, {"Published": "success", "Draft": "warning"})

    @admin.display(description="Starts", ordering="starts_at")
    def starts(self, event: Event) -> str:
        return show_time(event.starts_at, event.zone)

    @admin.display(description="Address")
    def portal(self, event: Event) -> str:
        if not event.pk:
            return "Appears after the first save."
        address = reverse("participants:portal", args=[event.organization.slug, event.slug])
        return format_html('<a href="{}" class="text-link">{}</a>', address, address)
