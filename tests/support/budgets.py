"""Budgets, and money that was spent, without anybody who trains for it."""

import itertools

from django.utils import timezone

from events.models import Budget, Event, Firing, SponsoringAccount, Threshold
from paddock.money import MICROS
from paddock.tenancy.scope import organization_scope
from participants.domain.guard.looking import look_at_budgets
from participants.models import RacerProfile, Registration, UsageDay

DOLLAR_AN_HOUR = MICROS
_numbers = itertools.count(1)


def set_budget(subject: Event | SponsoringAccount, dollars: float, *thresholds: tuple[int, str]) -> Budget:
    """A budget of an event or of an account, with thresholds of percent and action."""
    owner = {"event": subject} if isinstance(subject, Event) else {"sponsoring_account": subject}
    with organization_scope(subject.organization_id):
        budget = Budget.objects.create(amount=int(dollars * MICROS), **owner)
        for percent, action in thresholds:
            Threshold.objects.create(budget=budget, percent=percent, action=action)
    return budget


def spend(registration: Registration, dollars: float, *, exposed: float = 0, event: Event | None = None) -> None:
    """Let somebody have spent so much, and have jobs that cost so much at worst, at 3.50 dollars an hour."""
    account = registration.account.sponsoring_account
    with organization_scope(registration.organization_id):
        profile, _ = RacerProfile.objects.get_or_create(
            participant=registration.participant, sponsoring_account=account
        )
        RacerProfile.objects.filter(pk=profile.pk).update(
            service_id=f"racer-{profile.pk}",
            queued_seconds=round(exposed / 3.5 * 3600),
            queued_since=timezone.now(),
            seen_at=timezone.now(),
        )
        UsageDay.objects.create(
            profile=profile,
            event=event or registration.event,
            day=timezone.now().date(),
            training_seconds=round(dollars * 3600),
            training_hour_price=DOLLAR_AN_HOUR,
            storage_gigabyte_month_price=next(_numbers),  # so that each stands in a row of its own
            as_of=timezone.now(),
        )


def look(account: SponsoringAccount) -> list[Firing]:
    with organization_scope(account.organization_id):
        return look_at_budgets(account=SponsoringAccount.objects.get(pk=account.pk))


def threshold_of(budget: Budget, percent: int) -> Threshold:
    with organization_scope(budget.organization_id):
        return Threshold.objects.select_related("budget").get(budget=budget, percent=percent)
