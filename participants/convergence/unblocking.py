"""Making due what has nothing left to wait for."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from participants.convergence.kinds import StepKind, get_kind
from participants.convergence.schedule import round_up
from participants.models import Step


class Blocked(NamedTuple):
    """That steps of this kind are blocked: the event's own, or those of its registrations."""

    event_id: int
    kind: str
    is_of_event: bool


def find_blocked(steps: QuerySet[Step]) -> list[Blocked]:
    """Asked before anything is unblocked, because most of what could wait does not."""
    is_of_event = ExpressionWrapper(Q(registration=None), output_field=BooleanField())
    blocked = steps.filter(state=Step.State.BLOCKED).order_by().annotate(is_of_event=is_of_event)
    return [Blocked(*row) for row in blocked.values_list("event_id", "kind", "is_of_event").distinct()]


def unblock_steps(*, event_id: int, kind: StepKind, registrations: Collection[int] = ()) -> int:
    """Unblock those of the event itself and those of registrations, of all where none are named."""
    both = [Blocked(event_id, kind.name, is_of_event) for is_of_event in (False, True)]
    return sum(unblock(blocked, registrations) for blocked in both)


def unblock(blocked: Blocked, registrations: Collection[int] = ()) -> int:
    """Make due those of these steps that have nothing left to wait for. Returns how many that are.

    Runs after the outcomes are committed: of two workers who finish two needs at once, the later one sees both.
    """
    kind = get_kind(blocked.kind)
    unmet = _find_unmet(blocked.event_id, kind)
    steps = Step.objects.filter(event_id=blocked.event_id, kind=kind.name, state=Step.State.BLOCKED)
    if blocked.is_of_event:
        return _wake(kind, steps.filter(registration=None).exclude(Exists(unmet)))
    people = steps.filter(registration__in=registrations) if registrations else steps.exclude(registration=None)
    # Neither question refers to the outer row, so each is asked once and not for every step.
    theirs = unmet.exclude(registration=None).values("registration")
    return _wake(kind, people.exclude(registration__in=theirs).exclude(Exists(unmet.filter(registration=None))))


def _find_unmet(event_id: int, kind: StepKind) -> QuerySet[Step]:
    """What a step of this kind waits for."""
    undone = Q(kind__in=kind.needs) & ~Q(state=Step.State.DONE)
    unended = Q(kind__in=kind.follows) & ~Q(state__in=[Step.State.DONE, Step.State.FAILED])
    return Step.objects.filter(undone | unended, event_id=event_id).order_by()


def _wake(kind: StepKind, steps: QuerySet[Step]) -> int:
    now = timezone.now()
    due_at = round_up(now, kind.linger) if kind.together else now
    return steps.update(state=Step.State.READY, due_at=due_at, ready_at=now)
