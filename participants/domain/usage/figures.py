"""How much was used and what it costs: of events, of accounts. Money is in micro-dollars."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, DecimalField, F, Q, QuerySet, Sum
from django.db.models.functions import Cast
from django.utils import timezone

from events.models import Event, EventAccount, SponsoringAccount
from participants.domain.usage.attribution import find_deciding
from participants.domain.usage.leaks import has_leaked
from participants.domain.usage.pricing import cost_of, load_price_lists
from participants.models import RacerProfile, Registration, UsageDay

# Bytes times seconds times a price are more than the database's integers hold.
WHOLE_NUMBER = DecimalField(max_digits=60, decimal_places=0)


@dataclass(frozen=True)
class Usage:
    """`spent` is what the ledger holds, `exposure` what running and queued jobs come to at worst on top of it.

    `racers` have trained at all; `training_now` have jobs that run or wait. `as_of` is the oldest of the looks that
    this rests on, None where an account has not been looked at yet.
    """

    training_seconds: int
    spent: int
    exposure: int
    storage_bytes: int
    racers: int
    training_now: int
    as_of: datetime | None


@dataclass(frozen=True)
class Spending:
    """What the ledger holds."""

    training_seconds: int = 0
    spent: int = 0
    racers: int = 0


@dataclass(frozen=True)
class Standing:
    """What racers have at the service now."""

    exposure: int = 0
    storage_bytes: int = 0
    training_now: int = 0

    def __add__(self, other: "Standing") -> "Standing":
        return Standing(
            self.exposure + other.exposure,
            self.storage_bytes + other.storage_bytes,
            self.training_now + other.training_now,
        )


def see_event_usage(*, events: Iterable[Event]) -> dict[int, Usage]:
    """By the events' ids. The number of queries is the same however many there are."""
    ids = [event.pk for event in events]
    spending = sum_ledger(UsageDay.objects.filter(event__in=ids), "event")
    standings, looks = _see_events(ids), _find_looks(ids)
    return {pk: _compose(spending.get(pk), standings.get(pk), looks[pk]) for pk in ids}


def see_account_usage(*, accounts: Iterable[SponsoringAccount]) -> dict[int, Usage]:
    """By the accounts' ids. The number of queries is the same however many there are."""
    accounts = list(accounts)
    rows = UsageDay.objects.filter(profile__sponsoring_account__in=accounts)
    spending = sum_ledger(rows, "profile__sponsoring_account")
    standings = _see_accounts([account.pk for account in accounts])
    return {each.pk: _compose(spending.get(each.pk), standings.get(each.pk), [each.synced_at]) for each in accounts}


def sum_ledger(rows: QuerySet[UsageDay], path: str) -> dict[Any, Spending]:
    """What these rows come to for each of what `path` leads to. One query."""
    totals = (
        rows.order_by()
        .values(path)
        .annotate(
            seconds=Sum("training_seconds"),
            second_prices=Sum(_number("training_seconds") * _number("training_hour_price")),
            byte_second_prices=Sum(_number("storage_byte_seconds") * _number("storage_gigabyte_month_price")),
            racers=Count("profile", distinct=True, filter=Q(training_seconds__gt=0)),
        )
    )
    return {
        total[path]: Spending(
            training_seconds=total["seconds"],
            spent=cost_of(
                second_prices=int(total["second_prices"]), byte_second_prices=int(total["byte_second_prices"])
            ),
            racers=total["racers"],
        )
        for total in totals
    }


def _number(name: str) -> Cast:
    return Cast(name, WHOLE_NUMBER)


def _see_events(event_ids: Sequence[int]) -> dict[int, Standing]:
    """Of the racers whose usage belongs to these events now."""
    people = Registration.objects.filter(event__in=event_ids).values("participant")
    deciding = find_deciding(timezone.now()).filter(participant__in=people)
    profiles: Any = RacerProfile.objects.filter(  # typed loosely: the owner is annotated
        sponsoring_account=F("participant__registrations__account__sponsoring_account"),
        participant__registrations__in=deciding.values("pk"),
        participant__registrations__event__in=event_ids,
    )
    return _sum_standings(profiles.annotate(owner=F("participant__registrations__event")))


def _see_accounts(account_ids: Sequence[int]) -> dict[int, Standing]:
    profiles: Any = RacerProfile.objects.filter(sponsoring_account__in=account_ids)
    return _sum_standings(profiles.annotate(owner=F("sponsoring_account")))


def _sum_standings(profiles: Any) -> dict[int, Standing]:
    """By the annotated `owner`, of those whom the service still knew at its account's last look. Three queries."""
    now = timezone.now()
    present = Q(sponsoring_account__synced_at=None) | Q(seen_at__gte=F("sponsoring_account__synced_at"))
    waits = Q(queued_seconds__gt=0) & ~has_leaked(now)
    groups = profiles.filter(present).exclude(service_id="").order_by().values("owner", "sponsoring_account")
    totals = list(
        groups.annotate(
            waiting=Sum("queued_seconds", filter=waits, default=0),
            stored=Sum("storage_bytes"),
            training=Count("id", filter=waits),
        )
    )
    accounts = SponsoringAccount.objects.filter(pk__in={total["sponsoring_account"] for total in totals})
    prices = load_price_lists(accounts)
    standings: dict[int, Standing] = defaultdict(Standing)
    for total in totals:
        price = prices[total["sponsoring_account"]].find(now.date()).training_hour
        exposure = cost_of(second_prices=int(total["waiting"]) * price)
        standings[total["owner"]] += Standing(exposure, int(total["stored"]), total["training"])
    return standings


def _find_looks(event_ids: Sequence[int]) -> dict[int, list[datetime | None]]:
    looks: dict[int, list[datetime | None]] = {event_id: [] for event_id in event_ids}
    rows = EventAccount.objects.filter(event__in=event_ids).values_list("event", "sponsoring_account__synced_at")
    for event_id, synced_at in rows.order_by():
        looks[event_id].append(synced_at)
    return looks


def _compose(spending: Spending | None, standing: Standing | None, looks: Sequence[datetime | None]) -> Usage:
    spending, standing = spending or Spending(), standing or Standing()
    known = [moment for moment in looks if moment is not None]
    return Usage(
        training_seconds=spending.training_seconds,
        spent=spending.spent,
        exposure=standing.exposure,
        storage_bytes=standing.storage_bytes,
        racers=spending.racers,
        training_now=standing.training_now,
        as_of=min(known) if known and len(known) == len(looks) else None,
    )
