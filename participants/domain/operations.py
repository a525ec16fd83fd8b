"""What organizers ask for many people at once, with its progress."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count

from events.models import Event
from participants.domain.owing import owe_steps
from participants.models import Operation, Step


def start_operation(
    *,
    event: Event,
    title: str,
    reason: str,
    actor: AbstractBaseUser | None,
    registrations: Collection[int],
    kinds: Iterable[str],
) -> Operation:
    """Owe the steps that carry it. Belongs into the transaction that writes the intent and its audit entry."""
    operation = Operation.objects.create(
        organization_id=event.organization_id,
        event=event,
        title=title,
        reason=reason,
        started_by_id=actor.pk if actor else None,
    )
    operation.total = owe_steps(event=event, registrations=registrations, kinds=kinds, operation=operation)
    operation.save(update_fields=["total"])
    return operation


@dataclass(frozen=True)
class Progress:
    """Numbers of steps. What another operation took over counts as done: that one answers for it."""

    total: int
    open: int
    failed: int

    @property
    def done(self) -> int:
        return self.total - self.open - self.failed

    @property
    def is_over(self) -> bool:
        return self.open == 0

    @property
    def percent(self) -> int:
        return 100 * (self.total - self.open) // self.total if self.total else 100


def see_progress(*, operations: Iterable[Operation]) -> dict[int, Progress]:
    """Each operation's progress, by its id. One query, however many there are."""
    operations = list(operations)
    numbers: dict[tuple[int, str], int] = {}
    rows = Step.objects.filter(operation__in=operations).order_by().values_list("operation_id", "state")
    for operation_id, state, number in rows.annotate(Count("id")):
        numbers[operation_id or 0, state] = number
    waiting = (Step.State.BLOCKED, Step.State.READY, Step.State.CLAIMED)
    return {
        each.pk: Progress(
            total=each.total,
            open=sum(numbers.get((each.pk, state), 0) for state in waiting),
            failed=numbers.get((each.pk, Step.State.FAILED), 0),
        )
        for each in operations
    }
