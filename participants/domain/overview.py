"""What organizers look at first: what runs, what is stuck and why, and who has waited longest."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from events.models import Budget, Event
from participants.domain.standings import Standing, count_registrations, find_event_steps
from participants.domain.usage.figures import Usage, see_event_usage
from participants.models import Step

MOST_EVENTS = 12
MOST_TROUBLES = 8


@dataclass(frozen=True)
class EventView:
    event: Event
    standing: Standing
    steps: list[Step]
    usage: Usage
    budget: int | None  # in micro-dollars

    @property
    def is_running(self) -> bool:
        return self.event.starts_at <= timezone.now()


@dataclass(frozen=True)
class Trouble:
    """Steps of one kind of one event that failed alike; `latest` is the last one, with its reason."""

    number: int
    latest: Step


@dataclass(frozen=True)
class Overview:
    events: list[EventView]
    later: int  # events now or next that did not fit
    troubles: list[Trouble]
    failed_steps: int
    oldest_wait: Step | None
    waiting_since: datetime | None


def see_overview(*, events: QuerySet[Event]) -> Overview:
    """Of these events. The number of queries is the same however many events, people and failures there are."""
    current = events.filter(ends_at__gt=timezone.now()).select_related("organization").order_by("starts_at", "pk")
    views = _view_events(list(current[:MOST_EVENTS]))
    failed = Step.objects.filter(event__in=events.order_by().values("pk"), state=Step.State.FAILED)
    oldest = _find_oldest_wait(events)
    return Overview(
        events=views,
        later=max(current.count() - len(views), 0),
        troubles=find_troubles(failed),
        failed_steps=failed.count(),
        oldest_wait=oldest,
        waiting_since=oldest.ready_at if oldest else None,
    )


def _view_events(events: list[Event]) -> list[EventView]:
    standings, steps = count_registrations(events=events), find_event_steps(events=events)
    usage = see_event_usage(events=events)
    budgets = dict(Budget.objects.filter(event__in=events).values_list("event", "amount"))
    return [
        EventView(event, standings[event.pk], steps[event.pk], usage[event.pk], budgets.get(event.pk))
        for event in events
    ]


def find_troubles(failed: QuerySet[Step]) -> list[Trouble]:
    """These failed steps by event and kind, the largest groups. Two queries."""
    groups = failed.order_by().values("event", "kind").annotate(number=Count("id"), latest=Max("id"))
    worst = list(groups.order_by("-number", "-latest")[:MOST_TROUBLES])
    latest = Step.objects.select_related("event", "registration__participant").in_bulk([row["latest"] for row in worst])
    return [Trouble(row["number"], latest[row["latest"]]) for row in worst]


def _find_oldest_wait(events: QuerySet[Event]) -> Step | None:
    waiting = Step.objects.filter(
        event__in=events.order_by().values("pk"),
        state__in=[Step.State.READY, Step.State.CLAIMED],
        ready_at__isnull=False,
    )
    return waiting.select_related("event", "registration__participant").order_by("ready_at", "id").first()
