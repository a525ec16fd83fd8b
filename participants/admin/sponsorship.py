"""Bulk actions about sponsorship: pausing, resuming, ending what runs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from unfold.widgets import UnfoldBooleanWidget

from events.domain.connections import open_racing
from events.domain.lookup import load_event
from events.models import SponsoringAccount
from integrations.racing.protocol import Capabilities
from participants.admin.confirmation import BulkAction, Change, Preview, ReasonForm, Skipped
from participants.admin.quotas import REMOVED
from participants.admin.words import word_person, word_seconds
from participants.domain.quotas.balances import see_balances
from participants.domain.sponsorship.pausing import pause, resume, stop_training
from participants.models import Operation, Registration


class SponsorshipAction(BulkAction):
    """Of registrations, with what their accounts can do."""

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        people = list(
            rows.select_related("participant", "event", "account__sponsoring_account").order_by(
                "participant__family_name", "pk"
            )
        )
        accounts = {each.account.sponsoring_account_id: each.account.sponsoring_account for each in people}
        abilities = {pk: open_racing(account).capabilities for pk, account in accounts.items()}
        able = {each.pk: abilities[each.account.sponsoring_account_id] for each in people}
        left_out = {each.pk: why for each in people if (why := self._find_obstacle(each, able[each.pk]))}
        changing = [each for each in people if each.pk not in left_out]
        balances = see_balances(registrations=changing)
        return Preview(
            changes=[self._show(each, able[each.pk], balances[each.pk].queued) for each in changing],
            skipped=[Skipped(word_person(each), left_out[each.pk]) for each in people if each.pk in left_out],
            warnings=[note for pk, account in accounts.items() if (note := self._warn(account, abilities[pk]))],
        )

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        return [
            self._act(answers)(
                event=load_event(event_id),
                registrations=list(rows.filter(event=event_id).values_list("pk", flat=True)),
                actor=actor,
                reason=answers["reason"],
            )
            for event_id in sorted(rows.order_by().values_list("event", flat=True).distinct())
        ]

    def _find_obstacle(self, registration: Registration, abilities: Capabilities) -> str:
        return REMOVED if registration.removed_at else ""

    def _show(self, registration: Registration, abilities: Capabilities, queued: int) -> Change:
        before, after = self._word_both(registration, abilities)
        note = f"{word_seconds(queued)} running or queued" if queued else ""
        return Change(registration.pk, word_person(registration), before, after, note)

    def _word_both(self, registration: Registration, abilities: Capabilities) -> tuple[str, str]:
        raise NotImplementedError

    def _warn(self, account: SponsoringAccount, abilities: Capabilities) -> str:
        if abilities.pauses:
            return ""
        return f"“{account.name}” has no pause: a quota of 0 minutes stands in for it until people are resumed."

    def _act(self, answers: Mapping[str, Any]) -> Callable[..., Operation]:
        raise NotImplementedError


class Pause(SponsorshipAction):
    name = "pause"
    label = "Pause…"
    title = "Pause sponsorship"
    explanation = (
        "These people may not start anything that costs. They still see their models and may submit them to races. "
        "What runs already runs to its end, and counts."
    )
    icon = "pause_circle"
    button = "Pause"

    def _find_obstacle(self, registration: Registration, abilities: Capabilities) -> str:
        return super()._find_obstacle(registration, abilities) or (
            "Is paused already." if registration.paused_at else ""
        )

    def _word_both(self, registration: Registration, abilities: Capabilities) -> tuple[str, str]:
        return word_sponsorship(registration), "Paused" if abilities.pauses else "Paused, by a quota of 0"

    def _act(self, answers: Mapping[str, Any]) -> Callable[..., Operation]:
        return pause


class Resume(SponsorshipAction):
    name = "resume"
    label = "Resume…"
    title = "Resume sponsorship"
    explanation = "These people may train again, as far as their quota goes. What the budget guard froze stays frozen."
    icon = "play_circle"
    button = "Resume"

    def _find_obstacle(self, registration: Registration, abilities: Capabilities) -> str:
        return super()._find_obstacle(registration, abilities) or (
            "" if registration.paused_at else "Was not paused by anybody."
        )

    def _word_both(self, registration: Registration, abilities: Capabilities) -> tuple[str, str]:
        frozen = word_frozen(registration)
        return word_sponsorship(registration), f"Stays paused: {frozen}" if frozen else "May train"

    def _warn(self, account: SponsoringAccount, abilities: Capabilities) -> str:
        return ""

    def _act(self, answers: Mapping[str, Any]) -> Callable[..., Operation]:
        return resume


class StopForm(ReasonForm):
    and_pause = forms.BooleanField(
        label="Pause them as well",
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
        help_text="Otherwise they may start the next job at once.",
    )


class StopTraining(SponsorshipAction):
    name = "stop_training"
    label = "Stop training…"
    title = "Stop training"
    explanation = "Ends the jobs of these people that run or wait to. What a job has learned until then is kept."
    icon = "stop_circle"
    button = "Stop training"
    form_class = StopForm
    is_destructive = True

    def _find_obstacle(self, registration: Registration, abilities: Capabilities) -> str:
        return super()._find_obstacle(registration, abilities) or (
            "" if abilities.stops_jobs else "Their account cannot end jobs."
        )

    def _word_both(self, registration: Registration, abilities: Capabilities) -> tuple[str, str]:
        return word_sponsorship(registration), "Jobs are ended"

    def _warn(self, account: SponsoringAccount, abilities: Capabilities) -> str:
        if abilities.stops_jobs:
            return ""
        return f"“{account.name}” cannot end jobs. Its people are left out: pause them, and what runs is the last."

    def _act(self, answers: Mapping[str, Any]) -> Callable[..., Operation]:
        def act(**fields: Any) -> Operation:
            return stop_training(and_pause=answers["and_pause"], **fields)

        return act


def word_frozen(registration: Registration) -> str:
    """What the budget guard froze, in words; empty where nothing is."""
    account = registration.account.sponsoring_account
    if account.frozen_at:
        return f"the budget guard froze the account “{account.name}”"
    return f"the budget guard froze “{registration.event}”" if registration.event.frozen_at else ""


def word_sponsorship(registration: Registration) -> str:
    if registration.removed_at:
        return "Taken back"
    if word_frozen(registration):
        return "Frozen"
    return "Paused" if registration.paused_at else "May train"
