"""Asking people by mail to work for the organization."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from events.domain.invitations.inviting import (
    InvitationError,
    count_invitation,
    invite,
    name_events,
    send_again,
    withdraw,
)
from events.models import Invitation
from paddock.accounts.models import User
from paddock.rates import TooManyTries
from paddock.tenancy.admin_base import ReadOnly, TenantAdmin, may, show_label, show_time
from paddock.tenancy.models import Membership
from participants.admin.actions import find_object, return_to
from participants.admin.invitation_form import InvitationForm

COLOURS = {
    Invitation.State.PENDING: "info",
    Invitation.State.ACCEPTED: "success",
    Invitation.State.EXPIRED: "warning",
}
MAIL_COLOURS = {Invitation.MailState.SENT: "success", Invitation.MailState.FAILED: "danger"}
SHOWN = ["email", "standing", "role", "events", "invited_by", "expires", "answered", "mail", "mail_error"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, TenantAdmin):
    """Made by one form, and then only sent again or withdrawn."""

    viewing_role = Membership.Role.OWNER
    form = InvitationForm
    list_display = ["email", "standing", "role", "events", "expires", "mail"]
    list_filter = ["role"]
    list_select_related = ["invited_by", "accepted_by"]
    search_fields = ["email"]
    actions_detail = ["send_again", "withdraw"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        queryset: QuerySet[Invitation] = super().get_queryset(request)
        return queryset.select_related("organization").prefetch_related("chosen_events__event")

    # Who may do what.

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may(request, Membership.Role.OWNER)

    def has_answer_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whether there is something to send again or to withdraw."""
        invitation: Invitation | None = self.get_object(request, object_id) if object_id else None
        is_over = invitation is not None and (invitation.accepted_at or invitation.withdrawn_at)
        return may(request, Membership.Role.OWNER) and not is_over

    # The pages.

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return SHOWN if obj else ["email", "role", "all_events", "chosen"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return SHOWN if obj else []

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Counted here, where no transaction is open yet."""
        if request.method == "POST" and self.has_add_permission(request) and (refusal := self._count(request)):
            self.message_user(request, refusal, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:events_invitation_changelist"))
        response: HttpResponse = super().add_view(request, form_url, extra_context)
        return response

    def _count(self, request: HttpRequest) -> str:
        try:
            count_invitation(organization=request.organization, inviter=_find_inviter(request))  # type: ignore[attr-defined]
        except TooManyTries as limit:
            return f"Too many invitations went out lately. Nobody was invited; wait {limit.retry_after} seconds."
        return ""

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Invitation:
        """Made by its own verb, which writes the rows and records it."""
        super().save_form(request, form, change)  # what the admin asks of the form afterwards
        given = form.cleaned_data
        return invite(
            inviter=_find_inviter(request),
            email=given["email"],
            role=given["role"],
            events=None if given["all_events"] else list(given["chosen"]),
        )

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        """It is saved already."""

    def response_add(self, request: HttpRequest, obj: Invitation, post_url_continue: Any = None) -> HttpResponse:
        sentence = f"The invitation is on its way to {obj.email}. It is valid until {show_time(obj.expires_at)}."
        self.message_user(request, sentence, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:events_invitation_changelist"))

    # What is asked in a dialog.

    @action(  # type: ignore[untyped-decorator]
        description="Send again…",
        icon="forward_to_inbox",
        permissions=["answer"],
        url_path="send-again",
        dialog={
            "title": "Send the invitation again?",
            "description": "A new link goes out, and the one that was mailed before stops working.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Send again",
        },
    )
    def send_again(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        invitation: Invitation = find_object(self, request, object_id)
        if refusal := self._count(request):
            self.message_user(request, refusal, messages.ERROR)
            return return_to(request, invitation)
        return self._answer(request, invitation, send_again, "A new link is on its way.")

    @action(  # type: ignore[untyped-decorator]
        description="Withdraw…",
        icon="cancel_schedule_send",
        permissions=["answer"],
        url_path="withdraw",
        dialog={
            "title": "Withdraw the invitation?",
            "description": "Its link stops working at once. You can invite the same address again later.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Withdraw",
        },
    )
    def withdraw(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        invitation: Invitation = find_object(self, request, object_id)
        return self._answer(request, invitation, withdraw, "The invitation is withdrawn.")

    def _answer(self, request: HttpRequest, invitation: Invitation, verb: Any, sentence: str) -> HttpResponse:
        try:
            verb(invitation=invitation, actor=_find_inviter(request))
            self.message_user(request, sentence, messages.SUCCESS)
        except InvitationError as refusal:  # answered meanwhile
            self.message_user(request, str(refusal), messages.ERROR)
        return return_to(request, invitation)

    # What is shown.

    @admin.display(description="State")
    def standing(self, invitation: Invitation) -> str:
        return show_label(invitation.state, invitation.state.label, COLOURS)

    @admin.display(description="Events")
    def events(self, invitation: Invitation) -> str:
        return name_events(invitation)

    @admin.display(description="Valid until", ordering="expires_at")
    def expires(self, invitation: Invitation) -> str:
        return show_time(invitation.expires_at)

    @admin.display(description="Accepted by")
    def answered(self, invitation: Invitation) -> str:
        return f"{invitation.accepted_by}, {show_time(invitation.accepted_at)}" if invitation.accepted_at else "-"

    @admin.display(description="Mail", ordering="mail_state")
    def mail(self, invitation: Invitation) -> str:
        return show_label(invitation.mail_state, invitation.get_mail_state_display(), MAIL_COLOURS)


def _find_inviter(request: HttpRequest) -> User:
    return cast(User, request.user)
