"""How much each racer may train and keep: by organization, event and group, the nearest wins."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q

from events.models import Event, ParticipantGroup, QuotaPolicy


class Quota(NamedTuple):
    """Training minutes and models. None: no limit, or on one level of policies: no word."""

    minutes: int | None
    models: int | None


NO_WORD = Quota(None, None)
# Where a policy stands: of the organization, of an event, of one of its groups.
Level = tuple[int | None, int | None]
ORGANIZATION: Level = (None, None)


def take_nearest(levels: Iterable[Quota]) -> Quota:
    """Of levels from the nearest to the farthest. Each of minutes and models is decided by itself."""
    levels = list(levels)
    return Quota(
        minutes=next((level.minutes for level in levels if level.minutes is not None), None),
        models=next((level.models for level in levels if level.models is not None), None),
    )


@dataclass(frozen=True)
class Policies:
    """All policies that some events ask for, by where they stand."""

    by_level: Mapping[Level, Quota]

    def resolve(self, *, event_id: int, group_id: int | None) -> Quota:
        group = self._at((event_id, group_id)) if group_id is not None else NO_WORD
        return take_nearest([group, self._at((event_id, None)), self._at(ORGANIZATION)])

    def replacing(self, level: Level, quota: Quota) -> "Policies":
        """As they would be with another word on one level."""
        return Policies({**self.by_level, level: quota})

    def _at(self, level: Level) -> Quota:
        return self.by_level.get(level, NO_WORD)


def load_policies(*, events: Iterable[int]) -> Policies:
    """One query, however many events and groups there are."""
    rows = QuotaPolicy.objects.filter(Q(event=None) | Q(event__in=list(events))).order_by()
    found = rows.values_list("event_id", "group_id", "minutes", "model_count")
    return Policies({(event_id, group_id): Quota(minutes, models) for event_id, group_id, minutes, models in found})


def resolve_quota(*, event: Event, group: ParticipantGroup | None) -> Quota:
    """What the policies give to somebody of that event and group who has no quota of their own."""
    return load_policies(events=[event.pk]).resolve(event_id=event.pk, group_id=group.pk if group else None)
