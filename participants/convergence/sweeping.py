"""What nobody was woken for: lost doorbells, dead workers, waits that are over."""

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from participants.convergence.unblocking import find_blocked, unblock
from participants.models import Step
from participants.models.owed import Owed


class Work(NamedTuple):
    organization_id: int
    event_id: int
    kind: str


def find_due_work() -> list[Work]:
    """Everything that a worker should be woken for, one line for a kind of an event."""
    free_stale_claims()
    heal_blocked_steps()
    due = Step.objects.filter(state=Step.State.READY, due_at__lte=timezone.now())
    return [Work(*row) for row in due.order_by().values_list("organization_id", "event_id", "kind").distinct()]


def free_stale_claims(model: type[Owed] = Step) -> int:
    """Give back what dead workers had claimed. Returns how many that were."""
    now = timezone.now()
    stale = model._base_manager.filter(
        state=Owed.State.CLAIMED, claimed_at__lt=now - timedelta(seconds=settings.CLAIM_SECONDS)
    )
    return stale.update(state=Owed.State.READY, due_at=now, claim=None, claimed_at=None)


def heal_blocked_steps() -> None:
    """A worker that died between finishing a step and waking what waited for it left that waiting."""
    for blocked in find_blocked(Step.objects.all()):
        unblock(blocked)
