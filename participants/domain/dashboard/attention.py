"""What of an event needs a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Count, Model, Q
from django.utils import timezone

from events.models import Budget, Event, Firing, Race, SponsoringAccount, Threshold
from participants.domain.guard.figures import Figures, see_figures
from participants.domain.guard.judging import say_figures
from participants.domain.overview import find_troubles
from participants.domain.usage.figures import Usage
from participants.models import PreflightRun, RacerProfile, Step
from participants.models.registration import TAKES_BACK

# A threshold is near from so many percent of the budget below it on.
NEAR = 10
# So many rounds of the usage sync may be missed before somebody should look.
MISSED_ROUNDS = 3
MOST_ALERTS = 3


class Kind(StrEnum):
    FROZEN = "frozen"
    QUARANTINED = "quarantined"
    FAILED_STEPS = "failed_steps"
    MODE_OFF = "mode_off"
    SYNC_ERROR = "sync_error"
    SYNC_STALE = "sync_stale"
    BUDGET = "budget"
    THRESHOLD_NEAR = "threshold_near"
    ALERT_NOT_SENT = "alert_not_sent"
    RACE = "race"
    PREFLIGHT = "preflight"
    UNLINKED = "unlinked"


@dataclass(frozen=True)
class Concern:
    """`about` is the row that a page exists for: a failed step, an account, a race, a budget."""

    kind: Kind
    about: Model
    number: int = 1
    why: str = ""
    since: datetime | None = None


def find_concerns(*, event: Event, usage: Usage) -> list[Concern]:
    """The most urgent first. The number of queries depends on nothing."""
    accounts = list(SponsoringAccount.objects.filter(event_accounts__event=event).order_by("name", "pk"))
    found = [
        *_find_frozen(event, accounts),
        *_find_failures(event),
        *_find_troubled_accounts(event, accounts),
        *_find_tight_budgets(event, usage),
        *_find_lost_alerts(event),
        *_find_races(event),
        *_find_red_preflight(event),
        *_find_strangers(accounts),
    ]
    order = list(Kind)
    return sorted(found, key=lambda concern: order.index(concern.kind))


def _find_frozen(event: Event, accounts: list[SponsoringAccount]) -> Iterator[Concern]:
    rows: list[Event | SponsoringAccount] = [event, *accounts]
    for row in rows:
        if row.frozen_at:
            yield Concern(Kind.FROZEN, row, since=row.frozen_at)


def _find_failures(event: Event) -> Iterator[Concern]:
    """Those of one kind together. What could not be taken back is one concern, for it has a page of its own."""
    failed = Step.objects.filter(event=event, state=Step.State.FAILED)
    for trouble in find_troubles(failed.exclude(kind__startswith=TAKES_BACK)):
        yield Concern(Kind.FAILED_STEPS, trouble.latest, trouble.number, trouble.latest.detail)
    kept = failed.filter(kind__startswith=TAKES_BACK)
    numbers = kept.aggregate(people=Count("registration", distinct=True), own=Count("pk", filter=Q(registration=None)))
    if numbers["people"] or numbers["own"]:
        yield Concern(Kind.QUARANTINED, event, numbers["people"] + numbers["own"])


def _find_troubled_accounts(event: Event, accounts: list[SponsoringAccount]) -> Iterator[Concern]:
    oldest = timezone.now() - timedelta(seconds=MISSED_ROUNDS * settings.USAGE_SYNC_SECONDS)
    for account in accounts:
        if account.is_multi_user and account.mode_is_on is False and not event.offboarding_at:
            yield Concern(Kind.MODE_OFF, account)
        if account.sync_error:
            yield Concern(Kind.SYNC_ERROR, account, why=account.sync_error, since=account.synced_at)
        elif account.synced_at and account.synced_at < oldest and not event.is_over():
            yield Concern(Kind.SYNC_STALE, account, since=account.synced_at)


def _find_tight_budgets(event: Event, usage: Usage) -> Iterator[Concern]:
    """Of the event, and of the accounts that it uses."""
    concerned = Q(event=event) | Q(sponsoring_account__event_accounts__event=event)
    ids = Budget.objects.filter(concerned).order_by().values("pk")
    budgets = Budget.objects.filter(pk__in=ids).select_related("event", "sponsoring_account").order_by("pk")
    figures = see_figures(budgets=budgets, known={event.pk: usage})
    armed = Threshold.objects.filter(budget__in=list(figures), fired_at=None).order_by("percent", "id")
    nearest: dict[int, Threshold] = {}
    for threshold in armed:
        # What is reached already is for the guard, which looks at it after the next sync.
        if not figures[threshold.budget_id].reaches(threshold.percent):
            nearest.setdefault(threshold.budget_id, threshold)
    for budget in budgets:
        if concern := _judge(budget, figures[budget.pk], nearest.get(budget.pk)):
            yield concern


def _judge(budget: Budget, figures: Figures, armed: Threshold | None) -> Concern | None:
    if figures.reaches(100):
        return Concern(Kind.BUDGET, budget, why=say_figures(figures))
    if armed and figures.reaches(max(armed.percent - NEAR, 1)):
        said = f"{say_figures(figures)} At {armed.percent} %: {armed.get_action_display()}."
        return Concern(Kind.THRESHOLD_NEAR, budget, armed.percent, said)
    return None


def _find_lost_alerts(event: Event) -> Iterator[Concern]:
    of_budget = Q(threshold__budget__event=event)
    of_account = Q(threshold__budget__sponsoring_account__event_accounts__event=event)
    lost = Firing.objects.filter(of_budget | of_account, mail_state=Firing.MailState.FAILED, rearmed_at=None).distinct()
    for firing in lost.select_related("threshold__budget")[:MOST_ALERTS]:
        yield Concern(Kind.ALERT_NOT_SENT, firing.threshold.budget, why=firing.mail_error, since=firing.fired_at)


def _find_races(event: Event) -> Iterator[Concern]:
    for race in Race.objects.filter(event=event).exclude(problem="").order_by("pk"):
        yield Concern(Kind.RACE, race, why=race.problem)


def _find_red_preflight(event: Event) -> Iterator[Concern]:
    latest = PreflightRun.objects.filter(event=event, finished_at__isnull=False).order_by("-started_at", "-pk").first()
    red = sum(line.get("light") == "red" for line in latest.lines) if latest else 0
    if latest and red and not event.offboarding_at:
        yield Concern(Kind.PREFLIGHT, latest, red, since=latest.finished_at)


def _find_strangers(accounts: list[SponsoringAccount]) -> Iterator[Concern]:
    """Racers of whom nobody knows whose they are."""
    strangers = RacerProfile.objects.filter(sponsoring_account__in=accounts, participant=None, is_ignored=False)
    numbers = strangers.exclude(service_id="").order_by().values("sponsoring_account").annotate(number=Count("pk"))
    by_account = {row["sponsoring_account"]: row["number"] for row in numbers}
    for account in accounts:
        if account.pk in by_account:
            yield Concern(Kind.UNLINKED, account, by_account[account.pk])
