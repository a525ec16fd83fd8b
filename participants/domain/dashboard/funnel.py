"""From those who are expected to those who train."""

from dataclasses import dataclass

from django.db.models import Count, Q

from events.models import Event
from participants.domain.taking_part import find_everybody


@dataclass(frozen=True)
class Funnel:
    """Numbers of people, those who were removed included. `expected` and `places` are None where nobody said."""

    expected: int | None
    places: int | None
    registered: int
    got_in: int
    trained: int
    removed: int


def see_funnel(*, event: Event) -> Funnel:
    """One query."""
    numbers = find_everybody(event=event).aggregate(
        registered=Count("pk"),
        got_in=Count("pk", filter=Q(got_in=True)),
        trained=Count("pk", filter=Q(has_trained=True)),
        removed=Count("pk", filter=Q(removed_at__isnull=False)),
    )
    return Funnel(expected=event.expected_participants, places=event.capacity, **numbers)
