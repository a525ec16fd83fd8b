"""What a person may decide about steps."""

from collections import Counter
from collections.abc import Mapping

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.models import Event
from paddock.audit.recording import record
from participants.convergence import doorbell
from participants.models import Operation, Step

RETRIABLE = (Step.State.FAILED, Step.State.READY)


def retry_now(*, steps: QuerySet[Step], actor: AbstractBaseUser | None = None, reason: str = "") -> int:
    """Try again at once what failed or waits for its time. Returns the number of steps.

    Every event concerned gets an entry in the audit trail.
    """
    with transaction.atomic():
        # Locked, so that a step that a worker takes at this very moment stays with it.
        waiting = Step.objects.filter(pk__in=steps.order_by().values("pk"), state__in=RETRIABLE).order_by("pk")
        chosen = list(waiting.select_for_update().values_list("organization_id", "event_id", "kind", "id"))
        now = timezone.now()
        Step.objects.filter(id__in=[step_id for _, _, _, step_id in chosen]).update(
            state=Step.State.READY, due_at=now, ready_at=now, attempts=0, detail="", hint=""
        )
        _record(Counter(event_id for _, event_id, _, _ in chosen), actor, reason)
        for organization_id, event_id, kind in {work[:3] for work in chosen}:
            doorbell.ring(organization_id=organization_id, event_id=event_id, kinds=[kind])
    return len(chosen)


def find_failures(*, operation: Operation, first: int = 100) -> list[Step]:
    """What of it was left to a person, with whose it is. One query."""
    failed = Step.objects.filter(operation=operation, state=Step.State.FAILED)
    return list(failed.select_related("registration").order_by("id")[:first])


def _record(numbers: Mapping[int, int], actor: AbstractBaseUser | None, reason: str) -> None:
    for event in Event.objects.filter(pk__in=list(numbers)):
        number = numbers[event.pk]
        action = f"tried {number} {'step' if number == 1 else 'steps'} again"
        record(actor=actor, action=action, about=event, event_id=event.pk, reason=reason)
