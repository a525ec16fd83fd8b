"""What training and storage cost on a day, and what so much of both costs. Money is in micro-dollars."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from events.models import Price, SponsoringAccount
from paddock.money import MICROS

HOUR_SECONDS = 3600
# AWS bills storage by 2³⁰ bytes, and counts 730 hours to a month.
GIGABYTE = 2**30
MONTH_SECONDS = 730 * HOUR_SECONDS


@dataclass(frozen=True)
class Rates:
    training_hour: int
    storage_gigabyte_month: int


# AWS's prices for multi-user mode. What DeepRacer on AWS costs depends on the deployment.
MULTI_USER_RATES = Rates(training_hour=3_500_000, storage_gigabyte_month=MICROS * 23 // 1000)
NO_RATES = Rates(training_hour=0, storage_gigabyte_month=0)


@dataclass(frozen=True)
class PriceList:
    """`prices` begin with the latest."""

    default: Rates
    prices: Sequence[Price]

    def find(self, day: date) -> Rates:
        for price in self.prices:
            if price.valid_from <= day:
                return _rates_of(price)
        return self.default

    def list_periods(self) -> list[tuple[date, date, Rates]]:
        """From the first day to before the second one, these rates hold; the latest period is the first."""
        periods, end = [], date.max
        for price in self.prices:
            periods.append((price.valid_from, end, _rates_of(price)))
            end = price.valid_from
        return [*periods, (date.min, end, self.default)]


def load_price_lists(accounts: Iterable[SponsoringAccount]) -> dict[int, PriceList]:
    """By the accounts' ids. One query, however many there are."""
    accounts = list(accounts)
    prices: dict[int, list[Price]] = {account.pk: [] for account in accounts}
    for price in Price.objects.filter(sponsoring_account__in=accounts).order_by("-valid_from"):
        prices[price.sponsoring_account_id].append(price)
    return {account.pk: PriceList(find_default_rates(account), prices[account.pk]) for account in accounts}


def _rates_of(price: Price) -> Rates:
    return Rates(price.training_hour, price.storage_gigabyte_month)


def find_default_rates(account: SponsoringAccount) -> Rates:
    """What counts until somebody enters a price."""
    return MULTI_USER_RATES if account.is_multi_user else NO_RATES


def cost_of(*, second_prices: int = 0, byte_second_prices: int = 0) -> int:
    """The whole of it, rounded once. `second_prices` are seconds of training times the price of an hour, added up;
    `byte_second_prices` bytes times seconds times the price of a gigabyte's month.
    """
    per_hour, per_month = HOUR_SECONDS, GIGABYTE * MONTH_SECONDS
    numerator = second_prices * per_month + byte_second_prices * per_hour
    return (2 * numerator + per_hour * per_month) // (2 * per_hour * per_month)
