"""Budgets as people look at them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.models import Budget, Event, EventAccount, Firing, SponsoringAccount, Threshold
from participants.domain.guard.figures import Figures, see_figures
from participants.domain.guard.subjects import subject_of

SHOWN_FIRINGS = 20


@dataclass(frozen=True)
class BudgetView:
    """`firings` begin with the latest."""

    budget: Budget
    figures: Figures
    thresholds: Sequence[Threshold]
    firings: Sequence[Firing]

    @property
    def frozen_at(self) -> datetime | None:
        return subject_of(self.budget).frozen_at


def see_budget(*, budget: Budget) -> BudgetView:
    firings = Firing.objects.filter(threshold__budget=budget).select_related("threshold")
    return BudgetView(
        budget=budget,
        figures=see_figures(budgets=[budget])[budget.pk],
        thresholds=list(budget.thresholds.all()),
        firings=list(firings[:SHOWN_FIRINGS]),
    )


def find_budget(*, subject: Event | SponsoringAccount) -> Budget | None:
    budgets = Budget.objects.select_related("event", "sponsoring_account")
    if isinstance(subject, Event):
        return budgets.filter(event=subject).first()
    return budgets.filter(sponsoring_account=subject).first()


def find_freezes(*, events: Iterable[Event]) -> dict[int, list[Event | SponsoringAccount]]:
    """What keeps people of each event from training, by its id: itself, or accounts of it. One query."""
    events = list(events)
    frozen: dict[int, list[Event | SponsoringAccount]] = defaultdict(list)
    for event in events:
        if event.frozen_at:
            frozen[event.pk].append(event)
    rows = EventAccount.objects.filter(event__in=events, sponsoring_account__frozen_at__isnull=False)
    for row in rows.select_related("sponsoring_account"):
        frozen[row.event_id].append(row.sponsoring_account)
    return dict(frozen)
