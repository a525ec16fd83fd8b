"""Ending an event and removing people, each with the question what becomes of their models."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldBooleanWidget

from events.models import Event
from paddock.money import show_dollars
from participants.admin.confirmation import BulkAction, Change, Preview, ReasonForm, Skipped
from participants.domain.offboarding.ending import count_people, end_event, remove_participants
from participants.domain.offboarding.keeping import weigh_models
from participants.models import Operation, Registration

DELETE, KEEP = "delete", "keep"
GIGABYTE = 2**30


class ModelsForm(ReasonForm):
    models = forms.ChoiceField(
        label="Their models",
        choices=[(DELETE, "Delete them"), (KEEP, "Keep them, at the sponsor's cost")],
        initial=DELETE,
        widget=UnfoldAdminRadioSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["models"].help_text = word_storage(list(find_present(self.rows)))


class EndForm(ModelsForm):
    still_runs = forms.BooleanField(
        label="End it although it is still running",
        required=True,
        widget=UnfoldBooleanWidget,
        help_text="Its end, as it was planned, has not come yet. Nobody can race any more from the moment you confirm.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if all(event.is_over() for event in self.rows):
            del self.fields["still_runs"]
        self.order_fields(["still_runs"])


def find_present(rows: QuerySet[Any]) -> QuerySet[Registration]:
    """Of events or of registrations: who is there."""
    present = Registration.objects.filter(removed_at=None).select_related("account__sponsoring_account")
    return (
        present.filter(event__in=rows) if rows.model is Event else present.filter(pk__in=rows.order_by().values("pk"))
    )


def word_storage(registrations: Collection[Registration]) -> str:
    storage = weigh_models(registrations=registrations)
    if not storage.bytes:
        return "At the last look they stored nothing."
    size, cost = storage.bytes / GIGABYTE, show_dollars(storage.monthly_cost)
    return f"At the last look they stored {size:,.2f} GB. Keeping that costs {cost} a month until somebody deletes it."


def warn_of_keeping(registrations: Collection[Registration]) -> list[str]:
    warnings = [word_storage(registrations)]
    if not all(each.account.sponsoring_account.is_multi_user for each in registrations):
        warnings.append(
            "DeepRacer on AWS deletes profiles with their models or neither. These racers keep their profile and can "
            "sign in to it, with a quota of 0 minutes."
        )
    return warnings


def word_fate(answers: Mapping[str, Any]) -> str:
    return "Removed, models kept" if answers["models"] == KEEP else "Removed, models deleted"


class EndEvent(BulkAction):
    name = "end_event"
    label = "End event…"
    title = "End an event"
    explanation = (
        "Takes back everything that the event gave: quota, sponsorship, running jobs, models, access, group "
        "membership and profiles, in this order, and reads back that it is gone. People who take part in another "
        "event on the same account keep what that one needs. Registration closes."
    )
    icon = "flag_circle"
    button = "End event for"
    form_class = EndForm
    is_destructive = True

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        events = list(rows.order_by("pk"))
        present = list(find_present(rows))
        changes = [self._change(event, present, answers) for event in events if event.offboarding_at is None]
        skipped = [Skipped(str(event), "It was ended before.") for event in events if event.offboarding_at]
        warnings = [f"“{event}” is still running." for event in events if not event.is_over()]
        if answers["models"] == KEEP:
            warnings += warn_of_keeping(present)
        return Preview(changes, skipped, warnings, number=len(present))

    def _change(self, event: Event, present: Sequence[Registration], answers: Mapping[str, Any]) -> Change:
        number = sum(each.event_id == event.pk for each in present)
        return Change(event.pk, str(event), count_people(number), word_fate(answers))

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        keeps = answers["models"] == KEEP
        return [end_event(event=event, keeps_models=keeps, actor=actor, reason=answers["reason"]) for event in rows]


class RemovePeople(BulkAction):
    name = "remove_people"
    label = "Remove from event…"
    title = "Remove people from their event"
    explanation = (
        "Takes back what these people were given: quota, sponsorship, running jobs, models, group membership and "
        "profile, and reads back that it is gone. The event goes on; whoever takes part in another one on the same "
        "account keeps what that one needs. A removed person can register again while registration is open."
    )
    icon = "person_remove"
    button = "Remove"
    form_class = ModelsForm
    is_destructive = True

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        chosen = rows.select_related("participant", "event").order_by("pk")
        changes = [
            Change(each.pk, each.participant.email, f"In “{each.event}”", word_fate(answers))
            for each in chosen
            if each.removed_at is None
        ]
        skipped = [Skipped(each.participant.email, "They were removed before.") for each in chosen if each.removed_at]
        warnings = warn_of_keeping(list(find_present(rows))) if answers["models"] == KEEP else []
        return Preview(changes, skipped, warnings)

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        return remove_participants(
            registrations=rows, keeps_models=answers["models"] == KEEP, actor=actor, reason=answers["reason"]
        )


END_EVENT = EndEvent()
REMOVE_PEOPLE = RemovePeople()
