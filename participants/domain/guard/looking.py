"""Holding what is spent against the budgets, once more figures are known."""

import logging
from collections.abc import Sequence

from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from events.models import Firing, SponsoringAccount, Threshold
from participants.domain.guard.figures import see_figures
from participants.domain.guard.firing import fire
from participants.domain.guard.holding import stop_again
from participants.domain.guard.judging import judge
from participants.domain.guard.subjects import subject_of

TRIES = 3

logger = logging.getLogger(__name__)


def look_at_budgets(*, account: SponsoringAccount) -> list[Firing]:
    """Look at the budget of the account and of all events that use it, and fire what is armed and reached.

    Every threshold learns why it fired or did not. What fires is written together with what it brings about, while
    the thresholds are locked: of several workers who look at once, one alone sees them armed. Freezing makes steps due
    that convergence may be writing at this moment in another order; money must not wait for the next look then.
    """
    for _ in range(TRIES - 1):
        try:
            return _look(account)
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
            logger.warning("The look at the budgets of %s stood in somebody's way and is taken again.", account)
    return _look(account)


def _look(account: SponsoringAccount) -> list[Firing]:
    with transaction.atomic():
        thresholds = list(lock(_find_thresholds(account)))
        stopped = [each.budget for each in thresholds if _holds_stopped(each)]
        figures = see_figures(budgets={each.budget_id: each.budget for each in thresholds}.values())
        now, firings = timezone.now(), []
        for threshold in thresholds:
            verdict = judge(threshold, figures[threshold.budget_id])
            threshold.looked_at, threshold.finding = now, verdict.finding
            if verdict.fires:
                firings.append(fire(threshold=threshold, figures=figures[threshold.budget_id], why=verdict.finding))
        _write_findings(thresholds)
        if stopped:
            stop_again(account=account, budgets=stopped)
    return firings


def _find_thresholds(account: SponsoringAccount) -> QuerySet[Threshold]:
    concerned = Q(budget__sponsoring_account=account) | Q(budget__event__accounts__sponsoring_account=account)
    ids = Threshold.objects.filter(concerned).order_by().values("pk")
    loaded = Threshold.objects.filter(pk__in=ids).select_related("budget__event", "budget__sponsoring_account")
    return loaded.order_by("budget_id", "percent", "id")


def lock(thresholds: QuerySet[Threshold]) -> QuerySet[Threshold]:
    """With their budgets, so that nobody raises one at the same moment; in one order, so that nobody waits for ever."""
    return thresholds.select_for_update(of=("self", "budget"), no_key=True)


def _holds_stopped(threshold: Threshold) -> bool:
    return (
        threshold.action == Threshold.Action.STOP
        and threshold.fired_at is not None
        and subject_of(threshold.budget).frozen_at is not None
    )


def _write_findings(thresholds: Sequence[Threshold]) -> None:
    Threshold.objects.bulk_update(thresholds, ["looked_at", "finding", "fired_at"])
