"""Where events stand: how many people are how far, and whether the way into the account is open."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from events.models import Event
from participants.models import Registration, Step


@dataclass(frozen=True)
class Standing:
    """Numbers of registrations by their status."""

    registered: int = 0
    preparing: int = 0
    ready: int = 0
    failed: int = 0
    removing: int = 0
    removed: int = 0

    @property
    def total(self) -> int:
        """Everybody who has a place."""
        return self.registered + self.preparing + self.ready + self.failed


def count_registrations(*, events: Iterable[Event]) -> dict[int, Standing]:
    """The standing of each event, by its id. One query, however many there are."""
    # Typed loosely: the status is annotated, which the type checker cannot see.
    rows: Any = Registration.objects.filter(event__in=[event.pk for event in events]).with_status()
    numbers: dict[int, dict[str, int]] = defaultdict(dict)
    for event_id, status, number in rows.order_by().values_list("event_id", "status").annotate(Count("id")):
        numbers[event_id][status] = number
    return {event.pk: Standing(**numbers[event.pk]) for event in events}


def find_event_steps(*, events: Iterable[Event]) -> dict[int, list[Step]]:
    """The steps that each event itself is owed, by its id, in the order of the journey."""
    found: dict[int, list[Step]] = {event.pk: [] for event in events}
    for step in Step.objects.filter(event__in=list(found), registration=None).order_by("id"):
        found[step.event_id].append(step)
    return found
