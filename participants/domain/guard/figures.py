"""What a budget is measured by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from events.domain.connections import open_racing
from events.models import Budget, Event, EventAccount, SponsoringAccount
from participants.domain.guard.subjects import subject_of
from participants.domain.usage.figures import Usage, see_account_usage, see_event_usage

NOTHING: Mapping[int, Usage] = MappingProxyType({})


@dataclass(frozen=True)
class Figures:
    """Money is in micro-dollars. `exposure` is what running and queued jobs cost at worst.

    Where a service counts a job only when it ends, what is spent says nothing of the jobs that run: there exposure
    counts as if it were spent already, for it cannot be held back any more.
    """

    amount: int
    spent: int
    exposure: int
    counts_exposure: bool
    as_of: datetime | None

    @property
    def counted(self) -> int:
        return self.spent + self.exposure if self.counts_exposure else self.spent

    def reaches(self, percent: int) -> bool:
        return self.counted * 100 >= self.amount * percent

    def find_mark(self, percent: int) -> int:
        return self.amount * percent // 100

    def find_share(self, micros: int) -> float:
        """In percent of the amount."""
        return 100 * micros / self.amount if self.amount else 0.0


def see_figures(*, budgets: Iterable[Budget], known: Mapping[int, Usage] = NOTHING) -> dict[int, Figures]:
    """By the budgets' ids, with the same number of queries however many there are.

    `known` is the usage of events, by their ids, that was looked at just now.
    """
    budgets = list(budgets)
    events = [budget.event for budget in budgets if budget.event]
    accounts = [budget.sponsoring_account for budget in budgets if budget.sponsoring_account]
    event_usage = {**known, **see_event_usage(events=[event for event in events if event.pk not in known])}
    account_usage = see_account_usage(accounts=accounts)
    late_events = _find_events_that_count_late([event.pk for event in events])
    figures = {}
    for budget in budgets:
        match subject_of(budget):
            case Event(pk=pk):
                usage, late = event_usage[pk], pk in late_events
            case SponsoringAccount() as account:
                usage, late = account_usage[account.pk], _counts_late(account)
        figures[budget.pk] = _measure(budget, usage, counts_exposure=late)
    return figures


def _find_events_that_count_late(event_ids: list[int]) -> set[int]:
    """Events that have at least one account whose jobs count only when they end."""
    rows = EventAccount.objects.filter(event__in=event_ids).select_related("sponsoring_account")
    return {row.event_id for row in rows if _counts_late(row.sponsoring_account)}


def _counts_late(account: SponsoringAccount) -> bool:
    return not open_racing(account).capabilities.counts_while_running


def _measure(budget: Budget, usage: Usage, *, counts_exposure: bool) -> Figures:
    return Figures(budget.amount, usage.spent, usage.exposure, counts_exposure, usage.as_of)
