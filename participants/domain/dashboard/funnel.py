"""From those who are expected to those who train."""

from dataclasses import dataclass

from django.db.models import Count, Q

from events.models import Event
from participants.domain.taking_part import find_everybody
from participants.models import EventInvitation


@dataclass(frozen=True)
class Funnel:
    """Numbers of people, those who were removed included. `expected` and `places` are None where nobody said.

    `invited` counts those whose invitation left; whoever registers need not be one of them.
    """

    invited: int
    expected: int | None
    places: int | None
    registered: int
    got_in: int
    trained: int
    removed: int


def see_funnel(*, event: Event) -> Funnel:
    """Two queries."""
    rows = find_everybody(event=event).annotate(was_removed=Q(removed_at__isnull=False))
    groups = rows.values_list("got_in", "has_trained", "was_removed").annotate(number=Count("pk"))
    numbers = list(groups)
    return Funnel(
        invited=EventInvitation.objects.filter(event=event, sent_at__isnull=False).count(),
        expected=event.expected_participants,
        places=event.capacity,
        registered=sum(number for *_, number in numbers),
        got_in=sum(number for got_in, _, _, number in numbers if got_in),
        trained=sum(number for _, has_trained, _, number in numbers if has_trained),
        removed=sum(number for _, _, was_removed, number in numbers if was_removed),
    )
