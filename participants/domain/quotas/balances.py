"""What people have used, what is queued, and what they have left."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Sum

from participants.models import RacerProfile, Registration, UsageDay


@dataclass(frozen=True)
class Balance:
    """Of one registration, in seconds. `queued` is the racer's in the whole account; `left` None: no limit."""

    used: int
    queued: int
    left: int | None


def see_balances(*, registrations: Iterable[Registration]) -> dict[int, Balance]:
    """By the registrations' ids. Two queries, however many there are."""
    registrations = list(registrations)
    used, queued = _sum_usage(registrations), _find_queued(registrations)
    return {each.pk: _balance(each, used.get(each.pk, 0), queued.get(each.pk, 0)) for each in registrations}


def _balance(registration: Registration, used: int, queued: int) -> Balance:
    if registration.quota_minutes is None:
        return Balance(used, queued, None)
    return Balance(used, queued, max(registration.quota_minutes * 60 - used, 0))


def _sum_usage(registrations: list[Registration]) -> dict[int, int]:
    """What each used for the event of their registration, on any account of it."""
    by_person = {(each.participant_id, each.event_id): each.pk for each in registrations}
    rows = UsageDay.objects.filter(
        profile__participant__in={participant for participant, _ in by_person},
        event__in={event for _, event in by_person},
    )
    sums = rows.order_by().values_list("profile__participant", "event").annotate(Sum("training_seconds"))
    return {by_person[each[0], each[1]]: each[2] for each in sums if (each[0], each[1]) in by_person}


def _find_queued(registrations: list[Registration]) -> dict[int, int]:
    profiles = RacerProfile.objects.filter(
        participant__registrations__in=registrations,
        sponsoring_account=F("participant__registrations__account__sponsoring_account"),
    )
    return dict(profiles.values_list("participant__registrations", "queued_seconds"))
