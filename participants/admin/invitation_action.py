"""Inviting people to an event: who gets it and how it looks is shown first, and a test goes to oneself."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.template.loader import render_to_string
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from events.models import Event
from integrations.mail.protocol import Template
from integrations.mail.rendering import escape_html, render, to_one_line
from paddock.accounts.addresses import address_of
from participants.admin.confirmation import BulkAction, Change, Preview, ReasonForm, Skipped
from participants.admin.messages import frame_html
from participants.domain.event_invitations.planning import Plan, plan
from participants.domain.event_invitations.sending import invite, send_to_oneself
from participants.domain.event_invitations.words import (
    BODY,
    MARKS,
    PORTAL_MARK,
    SUBJECT,
    address_invitation,
    write_invitation,
)
from participants.domain.placeholders import check_placeholders
from participants.models import Operation

KNOWN = (*MARKS, "event")
MOST_CHARACTERS = 200_000  # some five thousand addresses


class InviteForm(ReasonForm):
    addresses = forms.CharField(
        label="E-mail addresses",
        max_length=MOST_CHARACTERS,
        widget=UnfoldAdminTextareaWidget({"rows": 8}),
        help_text="One a line, or with commas between them, as they come out of a spreadsheet or a mail.",
    )
    reminds = forms.BooleanField(
        label="Write again to those who were invited before and have not registered",
        required=False,
        widget=UnfoldBooleanWidget,
    )
    subject = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget)
    body = forms.CharField(
        widget=UnfoldAdminTextareaWidget({"rows": 12}),
        help_text="Markdown. {{event}} and {{portal_url}} are filled in.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"subject": SUBJECT, "body": BODY}
        self.fields["reason"].required = False
        self.fields["reason"].label = "Reason (optional)"

    def clean_subject(self) -> str:
        return check_placeholders(self.cleaned_data["subject"], KNOWN)

    def clean_body(self) -> str:
        body = check_placeholders(self.cleaned_data["body"], KNOWN)
        if PORTAL_MARK not in body:
            raise ValidationError(f"Without {PORTAL_MARK} nobody finds the event.")
        return body

    def clean(self) -> dict[str, Any] | None:
        for event in self.rows:
            if not event.is_published:
                raise ValidationError(f"“{event}” is not published: the link in the mail would lead nowhere.")
            if event.offboarding_at:
                raise ValidationError(f"“{event}” has been ended.")
        return super().clean()


class Invite(BulkAction):
    """Of one event: what is counted are the addresses."""

    name = "invite"
    label = "Invite…"
    title = "Invite people"
    explanation = (
        "Mails people a link to the event's page, where they register themselves. Nobody has access before they have."
    )
    icon = "forward_to_inbox"
    show = "Show the mail"
    nobody = "Nobody gets it."
    button = "Invite"
    form_class = InviteForm
    headings = ("Before", "Gets")
    is_on_list = False
    rehearsal = "Send a test to me"

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        plans = _plan(rows, answers)
        return Preview(
            changes=[
                Change(event.pk, each.email, "Was invited before" if each.again else "-", "The mail")
                for event, found in plans
                for each in found.recipients
            ],
            skipped=[Skipped(line, why) for _, found in plans for line, why in found.left_out],
        )

    def illustrate(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> str:
        event = _load(rows)[0]
        mail = _word(event, answers)
        context = {"recipient": "everybody", "mail": mail, "frame": frame_html(mail.html, title=mail.subject)}
        return render_to_string("admin/announcements/mail.html", context)

    def rehearse(self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser) -> str:
        address = address_of(actor)
        send_to_oneself(event=_load(rows)[0], subject=answers["subject"], body=answers["body"], address=address)
        return f"A test is on its way to {address}. Nobody else gets anything."

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        words = {name: answers[name] for name in ("subject", "body", "reason")}
        return [
            invite(event=event, recipients=found.recipients, actor=actor, **words)
            for event, found in _plan(rows, answers)
        ]


INVITE = Invite()


def _load(rows: QuerySet[Any]) -> list[Event]:
    return list(rows.select_related("organization").order_by("pk"))


def _plan(rows: QuerySet[Any], answers: Mapping[str, Any]) -> list[tuple[Event, Plan]]:
    return [(event, plan(event=event, lines=answers["addresses"], reminds=answers["reminds"])) for event in _load(rows)]


def _word(event: Event, answers: Mapping[str, Any]) -> Template:
    """As it goes out."""
    letter = write_invitation(event=event, subject=answers["subject"], body=answers["body"])
    values = address_invitation(event, key="preview", email="").substitutions
    return Template(
        to_one_line(render(letter.subject, values)),
        render(letter.text, values),
        render(letter.html, values, escape_html),
    )
