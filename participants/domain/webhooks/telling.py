"""What is told of people and events, one function for each thing that happens.

Each belongs into the transaction that makes it happen, and costs one query where nobody wants to know.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db.models import Q

from events.models import Event, Firing, SponsoringAccount
from participants.convergence.outcomes import Done, Failed, Outcome
from participants.domain.offboarding.proof import count_outcomes
from participants.domain.webhooks.announcing import News, announce, has_listeners
from participants.domain.webhooks.news import find_each, find_people
from participants.models import Registration, Step

ORGANIZER, BUDGET = "organizer", "budget"


def tell_registered(*, registrations: Collection[int], is_return: bool) -> None:
    news = partial(find_people, registrations, is_return=is_return)
    announce("registration.created", find_news=news)


def tell_removed(*, registrations: Collection[int], keeps_models: bool) -> None:
    news = partial(find_people, registrations, keeps_models=keeps_models)
    announce("registration.removed", find_news=news)


def tell_quotas(*, changes: dict[int, dict[str, int | None]]) -> None:
    announce("quota.changed", find_news=partial(find_each, changes))


@contextmanager
def telling_sponsorship(*, registrations: Collection[int], by: str) -> Iterator[None]:
    """Around what pauses or resumes these people. Told is of those alone for whom it makes a difference: whoever is
    frozen and then paused as well was told of once. One query where nobody wants to know, and two more otherwise.
    """
    if not has_listeners("sponsorship.paused", "sponsorship.resumed"):
        yield
        return
    before = _find_sponsored(registrations)
    yield
    after = _find_sponsored(registrations)
    for name, changed in (("sponsorship.paused", before - after), ("sponsorship.resumed", after - before)):
        if changed:
            announce(name, find_news=partial(find_people, changed, by=by))


def _find_sponsored(registrations: Collection[int]) -> set[int]:
    """Neither paused by a person nor frozen with their event or account."""
    free = Q(removed_at=None, paused_at=None, event__frozen_at=None, account__sponsoring_account__frozen_at=None)
    return set(Registration.objects.filter(free, pk__in=registrations).values_list("pk", flat=True))


def tell_threshold(firing: Firing) -> None:
    announce("budget.threshold", find_news=lambda: [_describe(firing)])


def _describe(firing: Firing) -> News:
    threshold, budget = firing.threshold, firing.threshold.budget
    account: SponsoringAccount | None = budget.sponsoring_account
    return News(
        {
            "organization": budget.organization.slug,
            "event": budget.event.slug if budget.event else None,
            "account": account.account_id if account else None,
            "percent": threshold.percent,
            "action": threshold.action,
            "amount": firing.amount,
            "spent": firing.spent,
            "exposure": firing.exposure,
        },
        event_id=budget.event_id,
    )


def tell_failures(steps: Sequence[Step], outcomes: dict[int, Outcome]) -> None:
    """For the kinds of steps without which nobody gets in."""
    failed = {step.registration_id: step.kind for step in steps if isinstance(outcomes[step.pk], Failed)}
    news = {pk: {"step": kind} for pk, kind in failed.items() if pk}
    if news:
        announce("registration.failed", find_news=partial(find_each, news))


def tell_access(steps: Sequence[Step], outcomes: dict[int, Outcome]) -> None:
    verified = [step.registration_id for step in steps if isinstance(outcomes[step.pk], Done)]
    people = [pk for pk in verified if pk]
    if people:
        announce("access.verified", find_news=partial(find_people, people))
    tell_failures(steps, outcomes)


def tell_offboarded(steps: Sequence[Step], outcomes: dict[int, Outcome]) -> None:
    """By the last step of an event's off-boarding."""
    for step in steps:
        if isinstance(outcomes[step.pk], Done):
            announce(
                "offboarding.completed",
                find_news=partial(_count_leavers, step.event),
            )


def _count_leavers(event: Event) -> list[News]:
    tally = count_outcomes(event=event)
    data: dict[str, Any] = {"organization": event.organization.slug, "event": event.slug}
    return [News(data | {"people": tally.total, "quarantined": tally.quarantined}, event_id=event.pk)]
