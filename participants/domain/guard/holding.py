"""Keeping stopped what was stopped: whoever began a job just before their pause took hold is stopped once more."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from events.models import Budget, Event, SponsoringAccount
from participants.domain.guard.freezing import STOP
from participants.domain.owing import owe_steps
from participants.domain.sponsorship.wanted import find_wanted
from participants.domain.usage.leaks import has_leaked
from participants.models import RacerProfile, Registration, Step

ENDED = (Step.State.DONE, Step.State.FAILED)


def stop_again(*, account: SponsoringAccount, budgets: Collection[Budget]) -> int:
    """Of the racers whom these stopped budgets pause and who still have jobs in the account. Returns how many.

    Whoever another event keeps sponsored is left alone, and so are those whose last stop is not over yet.
    """
    stopped = _find_still_training(account, budgets)
    people: dict[int, list[int]] = defaultdict(list)
    for registration in stopped:
        people[registration.event_id].append(registration.pk)
    for event in Event.objects.filter(pk__in=list(people)).select_related("organization").order_by("pk"):
        owe_steps(event=event, registrations=people[event.pk], kinds=[STOP])
    return len(stopped)


def _find_still_training(account: SponsoringAccount, budgets: Collection[Budget]) -> list[Registration]:
    waits = Q(queued_seconds__gt=0) & ~has_leaked(timezone.now())
    training = RacerProfile.objects.filter(waits, sponsoring_account=account)
    under_way = Step.objects.filter(registration=OuterRef("pk"), kind=STOP).exclude(state__in=ENDED)
    concerned = Q(event__in=[budget.event_id for budget in budgets if budget.event_id])
    if any(budget.sponsoring_account_id for budget in budgets):
        concerned |= Q(account__sponsoring_account=account)
    registrations = Registration.objects.filter(
        concerned, ~Exists(under_way), account__sponsoring_account=account, removed_at=None
    )
    found = registrations.filter(participant__in=training.values("participant")).order_by("event_id", "id")
    by_participant = {registration.participant_id: registration for registration in found}
    profiles = list(training.filter(participant__in=list(by_participant)))
    wanted = find_wanted(profiles=profiles)
    return [
        by_participant[profile.participant_id]
        for profile in profiles
        if profile.participant_id and wanted[profile.pk].is_paused
    ]
