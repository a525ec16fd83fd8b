"""Who registered, and where each of them stands."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.decorators import display

from paddock.tenancy.admin_base import TenantAdmin, TenantInline, chosen_events
from participants.domain.status import status_path
from participants.models import Message, Participant, RacerProfile, Registration, Step


class ReadOnlyInline(TenantInline):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StepInline(ReadOnlyInline):
    model = Step
    fields = ["kind", "state", "attempts", "due_at", "detail"]


class MessageInline(ReadOnlyInline):
    model = Message
    fields = ["kind", "subject", "state", "sent_at", "error"]


class RacerProfileInline(TenantInline):
    model = RacerProfile
    fields = ["sponsoring_account", "alias"]


class StatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, str(status.label)) for status in Registration.Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(Registration)
class RegistrationAdmin(TenantAdmin):
    event_path = "event"
    list_display = ["participant", "email", "event", "standing", "created_at"]
    list_filter = ["event", StatusFilter]
    list_select_related = ["participant", "event__organization"]
    search_fields = ["participant__email_key", "participant__family_name", "participant__given_name"]
    fields = ["participant", "event", "answers", "created_at", "status_page"]
    readonly_fields = fields
    inlines = [StepInline, MessageInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        queryset: QuerySet[Registration] = super().get_queryset(request)
        return queryset.with_status()  # type: ignore[attr-defined,no-any-return]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People register on the portal or by the API, where the event's rules are checked."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting the row would leave the access that it stands for."""
        return False

    @admin.display(description="E-mail", ordering="participant__email_key")
    def email(self, registration: Registration) -> str:
        return registration.participant.email

    @display(
        description="Status",
        label={"ready": "success", "failed": "danger", "preparing": "info", "registered": "warning"},
    )
    def standing(self, registration: Registration) -> tuple[str, str]:
        status = Registration.Status(registration.status)  # type: ignore[attr-defined]
        return status.value, str(status.label)

    @admin.display(description="Status page")
    def status_page(self, registration: Registration) -> str:
        path = status_path(registration)
        return format_html('<a href="{}">what the participant sees</a>', path)


@admin.register(Participant)
class ParticipantAdmin(TenantAdmin):
    list_display = ["given_name", "family_name", "email", "created_at"]
    search_fields = ["email_key", "family_name", "given_name"]
    fields = ["email", "given_name", "family_name"]
    inlines = [RacerProfileInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        queryset: QuerySet[Participant] = super().get_queryset(request)
        chosen = chosen_events(request)
        return queryset if chosen is None else queryset.filter(registrations__event__in=chosen).distinct()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
