"""Writing down what the racing service said of its racers, and what they used since the last time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from events.models import SponsoringAccount
from integrations.racing.protocol import Profile
from paddock.bulk import upsert_rows
from participants.domain.usage.attribution import find_deciding
from participants.domain.usage.ledger import Movement, add_movements, measure_difference
from participants.domain.usage.pricing import PriceList, load_price_lists
from participants.models import RacerProfile

SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


@dataclass(frozen=True)
class Bookkeeping:
    """What is the same for all of an account's racers. `events` holds the participants' events, both by id."""

    account_id: int
    prices: PriceList
    events: Mapping[int | None, int]


def open_books(*, account: SponsoringAccount) -> Bookkeeping:
    deciding = find_deciding(timezone.now()).filter(account__sponsoring_account=account)
    return Bookkeeping(
        account_id=account.pk,
        prices=load_price_lists([account])[account.pk],
        events=dict(deciding.values_list("participant", "event")),
    )


def observe_profiles(*, books: Bookkeeping, profiles: Sequence[Profile], looked_at: datetime) -> None:
    """Write the profiles down as they were at `looked_at`, and in the same transaction what their counters moved by.

    So a look that is written down twice counts once, and one that was overtaken by a later one does not count. Takes
    three statements, however many profiles. Belongs into a transaction that holds the account.
    """
    by_id = {profile.service_id: profile for profile in profiles}
    known = _lock_known(books.account_id, list(by_id))
    looks = [Look(known.get(service_id, UNKNOWN), profile, looked_at) for service_id, profile in by_id.items()]
    looks = [look for look in looks if not look.is_overtaken]
    ids = _write_down(books.account_id, looks)
    add_movements([_measure(look, ids[look.now.service_id], books) for look in looks])


class Known(NamedTuple):
    """A racer as the last look left them."""

    service_id: str = ""
    participant_id: int | None = None
    alias: str = ""
    used_seconds: int = 0
    queued_seconds: int = 0
    queued_since: datetime | None = None
    model_count: int | None = None
    storage_bytes: int = 0
    seen_at: datetime | None = None


UNKNOWN = Known()


@dataclass(frozen=True)
class Look:
    """A racer as they were known, and as the service has them now."""

    before: Known
    now: Profile
    at: datetime

    @property
    def is_overtaken(self) -> bool:
        """By this look itself or by a later one, which is written down already."""
        return self.before.seen_at is not None and self.before.seen_at >= self.at

    @property
    def queued_since(self) -> datetime | None:
        if not self.now.queued_seconds:
            return None
        stands_still = self.now.queued_seconds == self.before.queued_seconds
        return self.before.queued_since if stands_still else self.at

    @property
    def storage_byte_seconds(self) -> int:
        """For the time since the last look, however long that is ago: what was stored then has cost ever since."""
        elapsed = timedelta(0) if self.before.seen_at is None else self.at - self.before.seen_at
        return self.before.storage_bytes * (elapsed // MICROSECOND) // (SECOND // MICROSECOND)

    @property
    def day(self) -> date:
        """What was used before the first look was used since they joined, and is not counted for a later day."""
        joined_at = self.now.joined_at if self.before.seen_at is None else None
        return min(joined_at or self.at, self.at).astimezone(UTC).date()


def _lock_known(account_id: int, service_ids: Sequence[str]) -> dict[str, Known]:
    known = RacerProfile.objects.filter(sponsoring_account=account_id, service_id__in=service_ids)
    rows = known.order_by("id").select_for_update().values_list(*Known._fields)
    return {row[0]: Known(*row) for row in rows}


def _write_down(account_id: int, looks: Sequence[Look]) -> dict[str, int]:
    """Returns the rows' ids by the service's ids."""
    observed: dict[str, Sequence[Any]] = {
        "alias": [look.now.alias or look.before.alias for look in looks],
        "email": [look.now.email for look in looks],
        "used_seconds": [look.now.used_seconds for look in looks],
        "queued_seconds": [look.now.queued_seconds for look in looks],
        "queued_since": [look.queued_since for look in looks],
        "max_minutes": [look.now.max_minutes for look in looks],
        "max_models": [look.now.max_models for look in looks],
        "model_count": [_first_known(look.now.model_count, look.before.model_count) for look in looks],
        "storage_bytes": [look.now.storage_bytes for look in looks],
        "state": [look.now.state.value for look in looks],
        "joined_at": [look.now.joined_at for look in looks],
        "seen_at": [look.at for look in looks],
    }
    rows = upsert_rows(
        RacerProfile,
        {
            "sponsoring_account_id": [account_id] * len(looks),
            "service_id": [look.now.service_id for look in looks],
            **observed,
        },
        unique=["sponsoring_account_id", "service_id"],
        where="service_id <> ''",
        update=list(observed),
        returning=["service_id", "id"],
    )
    return dict(rows)


def _first_known(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _measure(look: Look, profile_id: int, books: Bookkeeping) -> Movement:
    return Movement(
        profile_id=profile_id,
        event_id=books.events.get(look.before.participant_id),
        day=look.day,
        rates=books.prices.find(look.day),
        training_seconds=measure_difference(look.before.used_seconds, look.now.used_seconds),
        storage_byte_seconds=look.storage_byte_seconds,
        as_of=look.at,
    )
