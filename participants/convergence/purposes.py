"""Giving and taking back: what was owed for one is void once the other is meant, and they never work on one person
at the same time, because the later answer would undo the earlier one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from participants.convergence.kinds import Purpose, StepKind, list_kinds_for
from participants.models import Step

OPPOSITES = {Purpose.GIVE: Purpose.TAKE, Purpose.TAKE: Purpose.GIVE}
PAUSE_SECONDS = 1.0


def find_opposed(*, event_id: int, kind: StepKind) -> Exists | None:
    """A condition for steps whose registration or event a worker serves for the opposite purpose at this moment."""
    if kind.purpose not in OPPOSITES:
        return None
    opposite = list_kinds_for(OPPOSITES[kind.purpose])
    at_work = Step.objects.filter(event_id=event_id, state=Step.State.CLAIMED, kind__in=opposite)
    if not at_work.exists():
        return None
    return Exists(at_work.filter(Q(registration=OuterRef("registration")) | Q(registration=None)))


def put_off(*, event_id: int, kind: StepKind, opposed: Exists, now: datetime) -> None:
    due = Step.objects.filter(event_id=event_id, kind=kind.name, state=Step.State.READY, due_at__lte=now)
    due.filter(opposed).update(due_at=now + timedelta(seconds=PAUSE_SECONDS))


def drop_void_steps(kind: StepKind, steps: Sequence[Step]) -> list[Step]:
    """Those that are still meant. The others were in work, and so out of reach, when intent turned around."""
    void = {step.pk for step in steps if _is_void(kind, step)}
    if void:
        Step.objects.filter(id__in=void).delete()
    return [step for step in steps if step.pk not in void]


def _is_void(kind: StepKind, step: Step) -> bool:
    goes = step.registration.removed_at if step.registration else step.event.offboarding_at
    return kind.purpose is (Purpose.GIVE if goes else Purpose.TAKE)
