"""Pausing everybody whose training a budget pays for, and letting them go on."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from events.models import Budget, Event, SponsoringAccount
from participants.domain.guard.subjects import subject_of
from participants.domain.operations import start_operation
from participants.domain.webhooks.telling import BUDGET, telling_sponsorship
from participants.models import Operation, Registration

SPONSORSHIP, STOP = "sponsorship", "stop"


def freeze(*, budget: Budget, title: str, reason: str, stops_jobs: bool) -> list[Operation]:
    """Belongs into the transaction that locks the budget. Who is frozen already stays frozen since then."""
    subject = subject_of(budget)
    # The row is held from here on, so that whoever registers at this moment is seen below or sees it frozen.
    with _telling(subject):
        type(subject)._base_manager.filter(pk=subject.pk).update(frozen_at=Coalesce(F("frozen_at"), timezone.now()))
    subject.refresh_from_db(fields=["frozen_at"])
    kinds = [SPONSORSHIP, STOP] if stops_jobs else [SPONSORSHIP]
    return _start_operations(subject, title=title, reason=reason, actor=None, kinds=kinds)


def thaw(*, budget: Budget, title: str, reason: str, actor: AbstractBaseUser | None) -> list[Operation]:
    """Whoever a person has paused stays paused. Belongs into the transaction that locks the budget."""
    subject = subject_of(budget)
    with _telling(subject):
        type(subject)._base_manager.filter(pk=subject.pk).update(frozen_at=None)
    subject.frozen_at = None
    return _start_operations(subject, title=title, reason=reason, actor=actor, kinds=[SPONSORSHIP])


def _telling(subject: Event | SponsoringAccount) -> AbstractContextManager[None]:
    people = [pk for found in _find_people(subject).values() for pk in found]
    return telling_sponsorship(registrations=people, by=BUDGET)


def _start_operations(
    subject: Event | SponsoringAccount,
    *,
    title: str,
    reason: str,
    actor: AbstractBaseUser | None,
    kinds: Sequence[str],
) -> list[Operation]:
    """One for each event concerned, so that whoever looks after an event sees how far its people are."""
    people = _find_people(subject)
    events = Event.objects.filter(pk__in=list(people)).select_related("organization").order_by("pk")
    return [
        start_operation(
            event=event, title=title, reason=reason[:300], actor=actor, registrations=people[event.pk], kinds=kinds
        )
        for event in events
    ]


def _find_people(subject: Event | SponsoringAccount) -> dict[int, list[int]]:
    """The registrations of those who are present, by their events."""
    present = Registration.objects.filter(removed_at=None)
    if isinstance(subject, Event):
        concerned = present.filter(event=subject)
    else:
        concerned = present.filter(account__sponsoring_account=subject)
    people: dict[int, list[int]] = defaultdict(list)
    for event_id, registration_id in concerned.order_by("id").values_list("event_id", "id"):
        people[event_id].append(registration_id)
    return people
