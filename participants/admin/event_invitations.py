"""Those who were invited, and whether they came."""

from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, Exists, OuterRef, QuerySet
from django.http import HttpRequest

from paddock.tenancy.admin_base import ReadOnly, TenantAdmin, show_label, show_time
from participants.admin.filters import EventFilter
from participants.admin.labels import INVITATION
from participants.models import EventInvitation, Registration


class AnswerFilter(admin.SimpleListFilter):
    title = "answer"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Registered"), ("no", "Not yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(has_registered=self.value() == "yes") if self.value() else queryset


@admin.register(EventInvitation)
class EventInvitationAdmin(ReadOnly, TenantAdmin):
    event_path = "event"
    list_display = ["email", "event", "standing", "answer", "sent", "error"]
    list_filter = ["state", AnswerFilter, EventFilter]
    list_select_related = ["event"]
    search_fields = ["email_key"]
    search_help_text = "E-mail address"
    fields = ["email", "event", "standing", "answer", "sent", "error", "provider_message_id"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        registered = Registration.objects.filter(
            event=OuterRef("event"), participant__email_key=OuterRef("email_key"), removed_at=None
        )
        answered = Exists(registered, output_field=BooleanField())
        rows: QuerySet[Any] = super().get_queryset(request).annotate(has_registered=answered)
        return rows

    @admin.display(description="State", ordering="state")
    def standing(self, invitation: EventInvitation) -> str:
        return show_label(invitation.state, invitation.get_state_display(), INVITATION)

    @admin.display(description="Answer", ordering="has_registered")
    def answer(self, invitation: Any) -> str:
        word = "Registered" if invitation.has_registered else "Not yet"
        return show_label(word, word, {"Registered": "success"})

    @admin.display(description="Sent", ordering="sent_at")
    def sent(self, invitation: EventInvitation) -> str:
        return show_time(invitation.sent_at, invitation.event.zone)
