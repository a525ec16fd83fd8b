"""The ledger of usage: what is added to it, and whose event it counts for."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from paddock.bulk import upsert_rows
from participants.domain.usage.attribution import find_deciding
from participants.domain.usage.pricing import PriceList, Rates
from participants.models import UsageDay

KEY = ["profile_id", "event_id", "day", "training_hour_price", "storage_gigabyte_month_price"]


@dataclass(frozen=True)
class Movement:
    """What one racer used between two looks."""

    profile_id: int
    event_id: int | None
    day: date
    rates: Rates
    training_seconds: int
    storage_byte_seconds: int
    as_of: datetime


def measure_difference(before: int, now: int) -> int:
    """What a counter has moved on by. The service has set it back where it fell: what it shows was used since."""
    return now - before if now >= before else now


def add_movements(movements: Sequence[Movement]) -> None:
    """In one statement. A profile may move once only in each event, day and price."""
    moved = [each for each in movements if each.training_seconds or each.storage_byte_seconds]
    if not moved:
        return
    upsert_rows(
        UsageDay,
        {
            "profile_id": [each.profile_id for each in moved],
            "event_id": [each.event_id for each in moved],
            "day": [each.day for each in moved],
            "training_hour_price": [each.rates.training_hour for each in moved],
            "storage_gigabyte_month_price": [each.rates.storage_gigabyte_month for each in moved],
            "training_seconds": [each.training_seconds for each in moved],
            "storage_byte_seconds": [each.storage_byte_seconds for each in moved],
            "as_of": [each.as_of for each in moved],
        },
        unique=KEY,
        add=["training_seconds", "storage_byte_seconds"],
        update=["as_of"],
    )


def attribute_usage(profile_ids: Collection[int]) -> None:
    """Count what these racers used while nobody knew who they were for their event, from the day they registered on."""
    rows = list(UsageDay.objects.filter(profile__in=list(profile_ids), event=None).select_related("profile"))
    deciding = find_deciding(timezone.now()).filter(participant__in={row.profile.participant_id for row in rows})
    registrations: dict[tuple[int | None, int], tuple[int, date]] = {
        (participant_id, account_id): (event_id, registered_at.date())
        for participant_id, account_id, event_id, registered_at in deciding.values_list(
            "participant", "account__sponsoring_account", "event", "created_at"
        )
    }

    def find_event(row: UsageDay) -> int | None:
        person = row.profile.participant_id, row.profile.sponsoring_account_id
        if person not in registrations:
            return None
        event_id, since = registrations[person]
        return event_id if row.day >= since else None

    _rewrite([row for row in rows if find_event(row)], lambda row: {"event_id": find_event(row)})


def release_usage(profile_ids: Collection[int]) -> None:
    """Count what these racers used for nobody's event: it was not known whose it is after all."""
    _rewrite(UsageDay.objects.filter(profile__in=profile_ids, event__isnull=False), lambda row: {"event_id": None})


def reprice_usage(*, account_id: int, prices: PriceList) -> None:
    """Let prices hold from their day on that were entered later. Belongs into a transaction that holds the account."""
    ledger = UsageDay.objects.filter(profile__sponsoring_account=account_id)
    for first, end, rates in prices.list_periods():
        _reprice(ledger.filter(day__gte=first, day__lt=end), rates)


def _reprice(rows: QuerySet[UsageDay], rates: Rates) -> None:
    right = Q(training_hour_price=rates.training_hour, storage_gigabyte_month_price=rates.storage_gigabyte_month)
    _rewrite(rows.exclude(right), lambda row: {"rates": rates})


def _rewrite(rows: Iterable[UsageDay], change: Callable[[UsageDay], dict[str, Any]]) -> None:
    """Write these rows anew with a change. The same usage is in the ledger afterwards, no more and no less."""
    rows = list(rows)
    UsageDay.objects.filter(pk__in=[row.pk for row in rows]).delete()
    totals: dict[tuple[object, ...], Movement] = {}
    for row in rows:
        movement = replace(_read_movement(row), **change(row))
        key = (movement.profile_id, movement.event_id, movement.day, movement.rates)
        totals[key] = _join(totals[key], movement) if key in totals else movement
    add_movements(list(totals.values()))


def _read_movement(row: UsageDay) -> Movement:
    return Movement(
        profile_id=row.profile_id,
        event_id=row.event_id,
        day=row.day,
        rates=_rates_of(row),
        training_seconds=row.training_seconds,
        storage_byte_seconds=row.storage_byte_seconds,
        as_of=row.as_of,
    )


def _rates_of(row: UsageDay) -> Rates:
    return Rates(row.training_hour_price, row.storage_gigabyte_month_price)


def _join(one: Movement, other: Movement) -> Movement:
    return replace(
        one,
        training_seconds=one.training_seconds + other.training_seconds,
        storage_byte_seconds=one.storage_byte_seconds + other.storage_byte_seconds,
        as_of=max(one.as_of, other.as_of),
    )
