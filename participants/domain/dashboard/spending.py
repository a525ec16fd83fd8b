"""Hours and money of an event, day by day, against its budget."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from events.models import Budget, Event, Threshold
from participants.domain.guard.figures import Figures, see_figures
from participants.domain.usage.figures import Spending, Usage, sum_ledger
from participants.models import UsageDay


@dataclass(frozen=True)
class Day:
    """One day (UTC). Money is in micro-dollars; `spent_so_far` includes the day."""

    day: date
    training_seconds: int
    spent: int
    spent_so_far: int


@dataclass(frozen=True)
class Money:
    """`figures` and `thresholds` are those of the event's own budget; None and empty where it has none."""

    usage: Usage
    figures: Figures | None
    thresholds: list[Threshold]
    days: list[Day]


def see_money(*, event: Event, usage: Usage) -> Money:
    """With the same number of queries however many people trained, and for however long."""
    budget = Budget.objects.filter(event=event).select_related("event").first()
    return Money(
        usage=usage,
        figures=see_figures(budgets=[budget], known={event.pk: usage})[budget.pk] if budget else None,
        thresholds=list(budget.thresholds.order_by("percent", "id")) if budget else [],
        days=see_days(event=event),
    )


def see_days(*, event: Event) -> list[Day]:
    """From the first day of usage to today; of an event that is over, to the last one that cost anything."""
    by_day: Mapping[date, Spending] = sum_ledger(UsageDay.objects.filter(event=event), "day")
    if not by_day:
        return []
    last = max(by_day) if event.is_over() else max(*by_day, timezone.now().date())
    return list(_add_up(by_day, min(by_day), last))


def _add_up(by_day: Mapping[date, Spending], first: date, last: date) -> Iterator[Day]:
    spent_so_far = 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        spending = by_day.get(day, Spending())
        spent_so_far += spending.spent
        yield Day(day, spending.training_seconds, spending.spent, spent_so_far)
