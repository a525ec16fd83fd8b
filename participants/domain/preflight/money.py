"""Money: what is paid for an hour, how much everybody may use, and who stops it."""

from functools import partial

from django.db.models import Q
from django.utils import timezone

from events.models import Budget, Event, EventAccount, Threshold
from paddock.money import show_dollars
from participants.domain.forecasting import foresee_event
from participants.domain.guard.subjects import subject_of
from participants.domain.preflight.checks import Check, Finding, amber, green, red
from participants.domain.quotas.policies import resolve_quota
from participants.domain.usage.pricing import load_price_lists

GROUP = "Quota and money"
ACCOUNT_PAGE = "on the sponsoring account's page"


def list_checks(event: Event) -> list[Check]:
    accounts = event.accounts.all()
    prices = [
        Check(
            f"prices-{account.pk}",
            GROUP,
            f"Prices: {account.sponsoring_account.name}",
            partial(check_prices, account),
        )
        for account in accounts
    ]
    return [
        *prices,
        Check("quota", GROUP, "Quota", partial(check_quota, event)),
        Check("budget", GROUP, "Budget", partial(check_budget, event)),
    ]


def check_prices(account: EventAccount) -> Finding:
    sponsor = account.sponsoring_account
    prices = load_price_lists([sponsor])[sponsor.pk]
    rates = prices.find(timezone.now().date())
    said = (
        f"{show_dollars(rates.training_hour)} an hour of training, "
        f"{show_dollars(rates.storage_gigabyte_month)} a gigabyte stored for a month"
    )
    if any(price.valid_from <= timezone.now().date() for price in prices.prices):
        return green(f"{said}.")
    if sponsor.is_multi_user:
        return amber(f"Nobody has entered any, so AWS's list prices count: {said}. Confirm them {ACCOUNT_PAGE}.")
    return red(
        f"Nobody has entered any, so everything counts as free and no budget ever fires. Enter them {ACCOUNT_PAGE}."
    )


def check_quota(event: Event) -> Finding:
    quota = resolve_quota(event=event, group=None)
    if quota.minutes == 0:
        return red("The quota is 0 minutes: nobody can train. Change it under “Everybody → Quota policy”.")
    if quota.minutes is None:
        return amber(
            "Everybody may train as long as they like, and the budget alone holds them back. Set a quota under "
            "“Everybody → Quota policy”."
        )
    if quota.models is None:
        return green(f"{quota.minutes} minutes of training and any number of models each.")
    return green(f"{quota.minutes} minutes of training and {quota.models} models each.")


def check_budget(event: Event) -> Finding:
    budgets = _find_budgets(event)
    if not budgets:
        return amber("There is none: nothing stops the spending. Set one on the event's page or the account's.")
    thresholds = [threshold for budget in budgets for threshold in budget.thresholds.all()]
    armed = [threshold for threshold in thresholds if threshold.fired_at is None]
    if not armed:
        fired = "All its thresholds have fired" if thresholds else "It has no thresholds"
        return red(f"{fired}, so nothing happens when it is spent. Add a threshold, or arm one again.")
    said = ", ".join(f"{show_dollars(each.amount)} for {subject_of(each)}" for each in budgets)
    if all(each.action == Threshold.Action.ALERT for each in armed):
        return amber(f"{said}. Its thresholds only send mail. Add one that freezes, or see to it that somebody acts.")
    return green(f"{said}. {_compare(event, budgets)}".rstrip())


def _find_budgets(event: Event) -> list[Budget]:
    accounts = event.accounts.values("sponsoring_account")
    rows = Budget.objects.filter(Q(event=event) | Q(sponsoring_account__in=accounts))
    return list(rows.select_related("event", "sponsoring_account").prefetch_related("thresholds").order_by("id"))


def _compare(event: Event, budgets: list[Budget]) -> str:
    worst = foresee_event(event=event).worst_cost
    own = next((budget.amount for budget in budgets if budget.event_id), None)
    if worst is None or own is None:
        return ""
    covers = "covers" if own >= worst else "is less than"
    return f"It {covers} the {show_dollars(worst)} that everybody together could cost."
