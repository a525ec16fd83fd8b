"""Trying chosen steps again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from participants.admin.confirmation import BulkAction, Change, Preview, Skipped
from participants.convergence.kinds import get_kind
from participants.domain.steps import RETRIABLE, retry_now
from participants.models import Operation, Step


class RetrySteps(BulkAction):
    name = "retry"
    label = "Retry now…"
    title = "Try steps again"
    explanation = "What failed, or waits for its time, is tried again at once, as if for the first time."
    icon = "replay"
    button = "Retry"
    counted = ("step", "steps")

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        chosen = list(rows.select_related("event", "registration__participant").order_by("pk"))
        changes = [
            Change(each.pk, _name(each), each.get_state_display(), "Tried again", each.detail)
            for each in chosen
            if each.state in RETRIABLE
        ]
        skipped = [Skipped(_name(each), each.get_state_display()) for each in chosen if each.state not in RETRIABLE]
        return Preview(changes, skipped)

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        retry_now(steps=rows, actor=actor, reason=answers["reason"])
        return []


def _name(step: Step) -> str:
    who = step.registration.participant.email if step.registration else str(step.event)
    return f"{get_kind(step.kind).title}: {who}"


RETRY_STEPS = RetrySteps()
