"""An event's forecast, from what organizers entered."""

from dataclasses import dataclass
from typing import Literal

from django.db.models import Count
from django.utils import timezone

from events.domain.forecast import Assumptions, Forecast, foresee, share_out
from events.models import Event, EventAccount, SponsoringAccount
from participants.domain.quotas.policies import resolve_quota
from participants.domain.usage.pricing import PriceList, load_price_lists
from participants.models import Registration

Source = Literal["as expected", "as many as there are places", "as many as have registered"]


@dataclass(frozen=True)
class Expectation:
    people: int
    source: Source


@dataclass(frozen=True)
class AccountForecast:
    """`registered` are people of this event who are on the account now."""

    account: EventAccount
    registered: int
    forecast: Forecast


@dataclass(frozen=True)
class EventForecast:
    expectation: Expectation
    accounts: list[AccountForecast]

    @property
    def worst_cost(self) -> int | None:
        """In micro-dollars; None where one account's is unknown."""
        costs = [each.forecast.worst_cost for each in self.accounts]
        return None if None in costs else sum(cost for cost in costs if cost is not None)


def foresee_event(*, event: Event) -> EventForecast:
    """With a constant number of queries. Everybody has the event's quota: those of its groups are not looked at."""
    accounts = list(EventAccount.objects.filter(event=event).select_related("sponsoring_account").order_by("id"))
    registered = _count_registered(event)
    expectation = _expect(event, sum(registered.values()))
    parts = share_out(expectation.people, [account.share for account in accounts]) if accounts else []
    quota = resolve_quota(event=event, group=None)
    prices = load_price_lists([account.sponsoring_account for account in accounts])
    minutes = max(int((event.ends_at - event.starts_at).total_seconds() // 60), 0)
    return EventForecast(
        expectation,
        [
            AccountForecast(
                account,
                registered.get(account.pk, 0),
                foresee(
                    Assumptions(
                        people=people,
                        training_jobs=account.sponsoring_account.max_training_jobs,
                        quota_minutes=quota.minutes,
                        quota_models=quota.models,
                        event_minutes=minutes,
                        **_find_prices(account.sponsoring_account, prices[account.sponsoring_account_id]),
                    )
                ),
            )
            for account, people in zip(accounts, parts, strict=True)
        ],
    )


def _count_registered(event: Event) -> dict[int, int]:
    """People who are there, by the event account's id."""
    present = Registration.objects.filter(event=event, removed_at=None).order_by()
    return dict(present.values_list("account").annotate(Count("id")))


def _expect(event: Event, registered: int) -> Expectation:
    if event.expected_participants is not None:
        return Expectation(event.expected_participants, "as expected")
    if event.capacity is not None:
        return Expectation(event.capacity, "as many as there are places")
    return Expectation(registered, "as many as have registered")


def _find_prices(account: SponsoringAccount, prices: PriceList) -> dict[str, int | None]:
    """What DeepRacer on AWS costs nobody knows before a price is entered."""
    if not account.is_multi_user and not prices.prices:
        return {"training_hour": None, "storage_gigabyte_month": None}
    rates = prices.find(timezone.now().date())
    return {"training_hour": rates.training_hour, "storage_gigabyte_month": rates.storage_gigabyte_month}
