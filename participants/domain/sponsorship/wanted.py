"""What the racing service should hold of a racer: limits that leave them what their events give, and whether paused."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Sum
from django.db.models.functions import JSONObject
from django.utils import timezone

from integrations.racing.protocol import Limits
from participants.domain.usage.leaks import leaked_seconds
from participants.models import RacerProfile, Registration, UsageDay

BY_ORGANIZER = "an organizer paused them"
NOBODY = "they take part in no event of this account"


@dataclass(frozen=True)
class Wanted:
    """`why` says in words what keeps a racer paused."""

    limits: Limits
    is_paused: bool
    why: str = ""


def find_wanted(*, profiles: Collection[RacerProfile]) -> dict[int, Wanted]:
    """By the profiles' ids; those that belong to nobody of ours are left out. The same two queries for any number."""
    counters = _read_counters(profiles)
    registrations = _find_present(list(counters.values()))
    now = timezone.now()
    return {
        pk: _decide(profile, registrations[profile.participant_id, profile.sponsoring_account_id], now)
        for pk, profile in counters.items()
    }


def _read_counters(profiles: Collection[RacerProfile]) -> dict[int, RacerProfile]:
    """Counter and ledger in one statement, because a sync moves both at once."""
    ledger = UsageDay.objects.filter(profile=OuterRef("pk"), event__isnull=False).order_by().values("event")
    used = ledger.annotate(seconds=Sum("training_seconds")).values(told=JSONObject(event="event", seconds="seconds"))
    rows = RacerProfile.objects.filter(pk__in=[each.pk for each in profiles], participant__isnull=False)
    return {row.pk: row for row in rows.select_related("sponsoring_account").annotate(ledger=ArraySubquery(used))}


Present = Mapping[tuple[int | None, int], Sequence[Registration]]


def _find_present(profiles: Sequence[RacerProfile]) -> Present:
    found: dict[tuple[int | None, int], list[Registration]] = defaultdict(list)
    rows = Registration.objects.filter(
        participant__in={each.participant_id for each in profiles},
        account__sponsoring_account__in={each.sponsoring_account_id for each in profiles},
        removed_at=None,
    )
    for row in rows.select_related("event", "account").order_by("pk"):
        found[row.participant_id, row.account.sponsoring_account_id].append(row)
    return found


def _decide(profile: RacerProfile, registrations: Sequence[Registration], now: datetime) -> Wanted:
    if not registrations:
        return Wanted(Limits(0, 0), is_paused=True, why=NOBODY)
    reasons = [find_reason_to_pause(profile, each) for each in registrations]
    is_paused = all(reasons)
    # What a paused event gives cannot be used up for it in another one; where all are paused, nothing is used at all.
    giving = [each for each, reason in zip(registrations, reasons, strict=True) if is_paused or not reason]
    return Wanted(
        limits=Limits(_find_minutes(profile, registrations, giving, now), _add_up([r.quota_models for r in giving])),
        is_paused=is_paused,
        why=" and ".join(dict.fromkeys(reasons)) if is_paused else "",
    )


def find_reason_to_pause(profile: RacerProfile, registration: Registration) -> str:
    """In words that go on after "because"; empty where nothing keeps this registration from training."""
    if profile.sponsoring_account.frozen_at:
        return f"the budget guard froze the account “{profile.sponsoring_account.name}”"
    if registration.event.frozen_at:
        return f"the budget guard froze “{registration.event}”"
    return BY_ORGANIZER if registration.paused_at else ""


def _find_minutes(
    profile: RacerProfile, registrations: Sequence[Registration], giving: Sequence[Registration], now: datetime
) -> int | None:
    """The service compares its own counter, which began before these events and may have begun anew since."""
    quota = _add_up([each.quota_minutes for each in giving])
    if quota is None:
        return None
    used = _read_ledger(profile)
    spent = sum(used.get(each.event_id, 0) for each in giving)
    overspent = sum(_find_overspent(each, used) for each in registrations if each not in giving)
    left = max(quota * 60 - spent - overspent, 0)
    return (profile.used_seconds + leaked_seconds(profile, now) + left) // 60


def _find_overspent(registration: Registration, used: Mapping[int, int]) -> int:
    if registration.quota_minutes is None:
        return 0
    return max(used.get(registration.event_id, 0) - registration.quota_minutes * 60, 0)


def _read_ledger(profile: Any) -> dict[int, int]:
    return {each["event"]: each["seconds"] for each in profile.ledger}


def _add_up(limits: Sequence[int | None]) -> int | None:
    """No limit in one event is no limit."""
    return None if None in limits else sum(limit for limit in limits if limit is not None)
