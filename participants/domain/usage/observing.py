"""Writing down what the racing service said of its racers, and what they used since the last time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from integrations.racing.protocol import Profile
from paddock.bulk import upsert_rows
from participants.domain.usage.attribution import find_event_of_profile
from participants.domain.usage.ledger import Movement, add_movements, measure_difference
from participants.domain.usage.pricing import PriceList
from participants.models import RacerProfile

UNSEEN = RacerProfile()
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


def observe_profiles(*, account_id: int, profiles: Sequence[Profile], looked_at: datetime, prices: PriceList) -> None:
    """Write the profiles down as they were at `looked_at`, and in the same transaction what their counters moved by.

    So a look that is written down twice counts once, and one that was overtaken by a later one does not count. Takes
    three statements, however many profiles. Belongs into a transaction that holds the account.
    """
    by_id = {profile.service_id: profile for profile in profiles}
    known = _lock_known(account_id, list(by_id), looked_at)
    looks = [
        Look(known.get(service_id, UNSEEN), profile, looked_at)
        for service_id, profile in by_id.items()
        if not _is_overtaken(known.get(service_id, UNSEEN), looked_at)
    ]
    ids = _write_down(account_id, looks)
    add_movements([_measure(look, ids[look.now.service_id], prices) for look in looks])


@dataclass(frozen=True)
class Look:
    """A racer as they were known, and as the service has them now."""

    before: RacerProfile
    now: Profile
    at: datetime

    @property
    def is_first(self) -> bool:
        return self.before.seen_at is None

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
        joined_at = self.now.joined_at if self.is_first else None
        return min(joined_at or self.at, self.at).astimezone(UTC).date()


def _lock_known(account_id: int, service_ids: Sequence[str], looked_at: datetime) -> dict[str, RacerProfile]:
    known = RacerProfile.objects.filter(sponsoring_account=account_id, service_id__in=service_ids)
    known = known.annotate(event=find_event_of_profile(looked_at)).order_by("id").select_for_update(of=("self",))
    return {profile.service_id: profile for profile in known}


def _is_overtaken(before: RacerProfile, looked_at: datetime) -> bool:
    return before.seen_at is not None and before.seen_at >= looked_at


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


def _measure(look: Look, profile_id: int, prices: PriceList) -> Movement:
    return Movement(
        profile_id=profile_id,
        event_id=getattr(look.before, "event", None),
        day=look.day,
        rates=prices.find(look.day),
        training_seconds=measure_difference(look.before.used_seconds, look.now.used_seconds),
        storage_byte_seconds=look.storage_byte_seconds,
        as_of=look.at,
    )
