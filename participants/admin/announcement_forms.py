"""What is asked before participants are written to."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from events.models import ParticipantGroup, Race
from participants.admin.confirmation import ReasonForm
from participants.domain.announcements.planning import Audience
from participants.domain.announcements.words import (
    EVENT_BODY,
    EVENT_SUBJECT,
    MARKS,
    RACE_BODY,
    RACE_MARK,
    RACE_SUBJECT,
)
from participants.domain.placeholders import check_placeholders
from participants.domain.races.addresses import find_url
from participants.models import Registration

KNOWN = (*MARKS, "event")
PRESENT = (
    Registration.Status.REGISTERED,
    Registration.Status.PREPARING,
    Registration.Status.READY,
    Registration.Status.FAILED,
)


class MailForm(ReasonForm):
    """Of rows that belong to events. `audience` among the cleaned data says who gets it."""

    status = forms.ChoiceField(
        label="To those who are",
        required=False,
        choices=[("", "anywhere on their way"), *((status.value, status.label) for status in PRESENT)],
        widget=UnfoldAdminSelectWidget,
    )
    group = forms.ModelChoiceField(
        ParticipantGroup.objects.none(),
        label="In the group",
        required=False,
        empty_label="any, or none",
        widget=UnfoldAdminSelectWidget,
    )
    subject = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget)
    body = forms.CharField(
        widget=UnfoldAdminTextareaWidget({"rows": 12}),
        help_text="Markdown. {{given_name}}, {{event}}, {{race_url}} and {{status_url}} are filled in.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.events = list(self.rows.order_by().values_list("event", flat=True).distinct())
        group: forms.ModelChoiceField[ParticipantGroup] = self.fields["group"]  # type: ignore[assignment]
        group.queryset = ParticipantGroup.objects.filter(event__in=self.events).select_related("event")
        if not group.queryset.exists():
            del self.fields["group"]
        self.fields["reason"].required = False
        self.fields["reason"].label = "Reason (optional)"

    def clean_subject(self) -> str:
        return check_placeholders(self.cleaned_data["subject"], KNOWN)

    def clean_body(self) -> str:
        return check_placeholders(self.cleaned_data["body"], KNOWN)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["audience"] = Audience(cleaned.get("status", ""), cleaned.get("group"))
        return cleaned


class ParticipantsMailForm(MailForm):
    """To chosen registrations, about a race or anything else."""

    race = forms.ModelChoiceField(
        Race.objects.none(),
        required=False,
        empty_label="no race",
        widget=UnfoldAdminSelectWidget,
        help_text="Whose address {{race_url}} is.",
    )

    field_order = ["status", "group", "race", "subject", "body", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"subject": EVENT_SUBJECT, "body": EVENT_BODY}
        race: forms.ModelChoiceField[Race] = self.fields["race"]  # type: ignore[assignment]
        race.queryset = Race.objects.filter(event__in=self.events).select_related("sponsoring_account", "event")
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        race = cleaned.get("race")
        mentions = RACE_MARK in cleaned.get("subject", "") + cleaned.get("body", "")
        if mentions and race is None:
            self.add_error("race", f"{RACE_MARK} needs a race.")
        if mentions and race is not None and not find_url(race):
            self.add_error("race", _say_it_has_no_address(race))
        return cleaned


class RaceMailForm(MailForm):
    """About the chosen races."""

    field_order = ["status", "group", "subject", "body", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"subject": RACE_SUBJECT, "body": RACE_BODY}
        self.order_fields(self.field_order)

    def clean_body(self) -> str:
        body = super().clean_body()
        if RACE_MARK not in body:
            raise ValidationError(f"Without {RACE_MARK} nobody finds the race.")
        return body

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for race in self.rows.select_related("sponsoring_account"):
            if not find_url(race):
                raise ValidationError(_say_it_has_no_address(race))
        return cleaned


def _say_it_has_no_address(race: Race) -> str:
    return f"“{race}” cannot be reached yet. Its page says why; write once it is ready."
