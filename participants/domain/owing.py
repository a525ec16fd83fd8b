"""Making steps due: for the first time, or once more because what they should achieve has changed."""

from collections.abc import Collection, Iterable

from django.utils import timezone

from events.models import Event
from participants.convergence import doorbell
from participants.convergence.kinds import get_kind
from participants.convergence.unblocking import unblock_steps
from participants.models import Operation, Step


def owe_steps(
    *, event: Event, registrations: Collection[int], kinds: Iterable[str], operation: Operation | None = None
) -> int:
    """Owe these registrations a step of each kind, from its beginning. Returns the number of steps.

    What a worker has in work is taken from it: its late answer is void, because it was asked for something else. Kinds
    that need others wait for them where those are open. Belongs into the transaction that writes the intent.
    """
    kinds = list(kinds)
    for kind in kinds:
        fresh = _describe_fresh_step(kind) | {"operation": operation}
        Step.objects.filter(event=event, registration__in=registrations, kind=kind, announcement=None).update(
            **fresh, claim=None, claimed_at=None, done_at=None, attempts=0, detail="", hint=""
        )
        Step.objects.bulk_create(
            [
                Step(organization_id=event.organization_id, event=event, registration_id=pk, kind=kind, **fresh)
                for pk in registrations
            ],
            ignore_conflicts=True,
        )
        # Those whose needs are met long since need not wait for the sweep.
        if registrations and not get_kind(kind).is_first:
            unblock_steps(event_id=event.pk, kind=get_kind(kind), registrations=registrations)
    doorbell.ring(organization_id=event.organization.pk, event_id=event.pk, kinds=kinds)
    return len(registrations) * len(kinds)


def owe_event_steps_again(*, event: Event, kinds: Iterable[str], operation: Operation | None = None) -> int:
    """Owe the event itself a step of each kind, from its beginning. Returns the number of steps."""
    kinds = list(kinds)
    for kind in kinds:
        fresh = _describe_fresh_step(kind) | {"operation": operation}
        Step.objects.filter(event=event, registration=None, kind=kind).update(
            **fresh, claim=None, claimed_at=None, done_at=None, attempts=0, detail="", hint=""
        )
        step = Step(organization_id=event.organization_id, event=event, kind=kind, **fresh)
        Step.objects.bulk_create([step], ignore_conflicts=True)
    doorbell.ring(organization_id=event.organization.pk, event_id=event.pk, kinds=kinds)
    return len(kinds)


def _describe_fresh_step(kind: str) -> dict[str, object]:
    now = timezone.now()
    waits = not get_kind(kind).is_first
    return {
        "state": Step.State.BLOCKED if waits else Step.State.READY,
        "due_at": now,
        "ready_at": None if waits else now,
    }
