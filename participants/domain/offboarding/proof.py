"""The proof that everything was taken back: of whom, what, when, and how it was read back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When

from events.models import Event
from participants.domain.offboarding.kinds import EVENT_KINDS, REGISTRATION_KINDS
from participants.models import Registration, Step

KINDS = (*REGISTRATION_KINDS, *EVENT_KINDS)


class Outcome(StrEnum):
    QUARANTINED = "quarantined"  # something needs a person
    GOING = "going"
    GONE = "gone"


@dataclass(frozen=True)
class Tally:
    """People who are to go, and the steps of the event itself that are not done."""

    quarantined: int
    going: int
    gone: int
    event_steps_open: int
    event_steps_failed: int

    @property
    def total(self) -> int:
        return self.quarantined + self.going + self.gone

    @property
    def is_over(self) -> bool:
        return not self.going and not self.event_steps_open

    @property
    def is_proven(self) -> bool:
        return self.is_over and not self.quarantined and not self.event_steps_failed


def count_outcomes(*, event: Event) -> Tally:
    """Two queries."""
    rows: Any = find_removed(event=event)  # typed loosely: the outcome is annotated
    numbers = dict(rows.order_by().values_list("outcome").annotate(Count("id")))
    states = list(_find_steps(event).filter(registration=None).values_list("state", flat=True))
    ended = (Step.State.DONE, Step.State.FAILED)
    return Tally(
        **{outcome.value: numbers.get(outcome.value, 0) for outcome in Outcome},
        event_steps_open=sum(state not in ended for state in states),
        event_steps_failed=states.count(Step.State.FAILED),
    )


def find_removed(*, event: Event, outcome: str = "", waits_for: str = "", search: str = "") -> QuerySet[Registration]:
    """Who is to go, with `outcome` annotated, those who need a person first. `waits_for` names a kind of step."""
    undone = Step.objects.filter(registration=OuterRef("pk"), kind__in=KINDS).exclude(state=Step.State.DONE)
    people = Registration.objects.filter(event=event, removed_at__isnull=False).annotate(
        outcome=Case(
            When(Exists(undone.filter(state=Step.State.FAILED)), then=Value(Outcome.QUARANTINED.value)),
            When(Exists(undone), then=Value(Outcome.GOING.value)),
            default=Value(Outcome.GONE.value),
            output_field=CharField(),
        )
    )
    if outcome:
        people = people.filter(outcome=outcome)
    if waits_for:
        people = people.filter(Exists(undone.filter(kind=waits_for)))
    return (
        _search(people, search)
        .select_related("participant")
        .order_by(_rank(), "participant__family_name", "participant__given_name", "pk")
    )


def _rank() -> Case:
    return Case(*(When(outcome=outcome.value, then=Value(rank)) for rank, outcome in enumerate(Outcome)))


def _search(people: QuerySet[Registration], words: str) -> QuerySet[Registration]:
    for word in words.split():
        name = Q(participant__given_name__icontains=word) | Q(participant__family_name__icontains=word)
        people = people.filter(name | Q(participant__email__icontains=word))
    return people


def find_steps_of(registrations: Iterable[Registration]) -> dict[int, dict[str, Step]]:
    """By registration and kind. One query."""
    found: dict[int, dict[str, Step]] = defaultdict(dict)
    for step in Step.objects.filter(registration__in=list(registrations), kind__in=KINDS):
        found[step.registration_id or 0][step.kind] = step
    return found


def find_event_steps(*, event: Event) -> list[Step]:
    steps = {step.kind: step for step in _find_steps(event).filter(registration=None)}
    return [steps[kind] for kind in EVENT_KINDS if kind in steps]


def list_evidence(*, event: Event) -> Iterator[Step]:
    """Every step of everybody, person by person and then the event's own. One query."""
    order = Case(*(When(kind=kind, then=Value(position)) for position, kind in enumerate(KINDS)))
    people = _find_steps(event).filter(Q(registration=None) | Q(registration__removed_at__isnull=False))
    rows = people.select_related("registration__participant")
    names = ("registration__participant__family_name", "registration__participant__given_name", "registration")
    return rows.order_by(*names, order).iterator(chunk_size=2000)


def _find_steps(event: Event) -> QuerySet[Step]:
    return Step.objects.filter(event=event, kind__in=KINDS)
