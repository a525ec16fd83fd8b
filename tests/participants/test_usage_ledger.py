"""What is added to the ledger, at which price, and for how much money."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from events.models import Price, SponsoringAccount
from integrations.racing.protocol import Profile, State
from paddock.tenancy.scope import organization_scope
from participants.domain.usage.figures import see_account_usage
from participants.domain.usage.leaks import leaked_seconds
from participants.domain.usage.ledger import measure_difference, reprice_usage
from participants.domain.usage.observing import observe_profiles, open_books
from participants.domain.usage.pricing import GIGABYTE, MONTH_SECONDS, cost_of, load_price_lists
from participants.models import RacerProfile, UsageDay
from tests.support.factories import OrganizationFactory, SponsoringAccountFactory

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
counters = st.lists(st.integers(0, 10**6), max_size=12)


def describe(service_id: str = "racer", **changes: Any) -> Profile:
    details: dict[str, Any] = {
        "service_id": service_id,
        "alias": service_id,
        "email": "",
        "used_seconds": 0,
        "queued_seconds": 0,
        "max_minutes": 300,
        "max_models": 10,
        "model_count": None,
        "storage_bytes": 0,
        "state": State.ACTIVE,
        "joined_at": None,
    }
    return Profile(**{**details, **changes})


def observe(account: SponsoringAccount, at: datetime, *profiles: Profile) -> None:
    observe_profiles(books=open_books(account=account), profiles=profiles, looked_at=at)


@pytest.fixture
def account(db: None) -> Any:
    with organization_scope(OrganizationFactory().pk):
        yield SponsoringAccountFactory()


@pytest.mark.parametrize(
    ("before", "now", "difference"), [(0, 0, 0), (0, 60, 60), (60, 60, 0), (60, 90, 30), (90, 30, 30), (90, 0, 0)]
)
def test_a_drop_is_a_reset(before: int, now: int, difference: int) -> None:
    assert measure_difference(before, now) == difference


@settings(max_examples=25)
@given(first=counters, second=counters, repeated=st.booleans())
def test_the_ledger_is_the_sum_of_all_movements(
    account: SponsoringAccount, first: list[int], second: list[int], repeated: bool
) -> None:
    """Of two racers, at one look each hour; with every look written down twice, too."""
    expected, last, at = 0, {"one": 0, "two": 0}, NOON
    UsageDay.objects.all().delete()
    RacerProfile.objects.all().delete()
    for number in range(max(len(first), len(second))):
        at += timedelta(hours=1)
        looks = {name: values[number] for name, values in (("one", first), ("two", second)) if number < len(values)}
        for _ in range(2 if repeated else 1):
            observe(account, at, *(describe(name, used_seconds=value) for name, value in looks.items()))
        expected += sum(value - last[name] if value >= last[name] else value for name, value in looks.items())
        last |= looks
    assert sum(UsageDay.objects.values_list("training_seconds", flat=True)) == expected


def test_an_overtaken_look_does_not_count(account: SponsoringAccount) -> None:
    """What was read first is written down last: not a reset."""
    observe(account, NOON, describe(used_seconds=60))
    observe(account, NOON + timedelta(minutes=2), describe(used_seconds=180))
    observe(account, NOON + timedelta(minutes=1), describe(used_seconds=120))
    assert UsageDay.objects.get().training_seconds == RacerProfile.objects.get().used_seconds == 180


def test_one_racer_on_two_pages_counts_once(account: SponsoringAccount) -> None:
    observe(account, NOON, describe(used_seconds=60), describe(used_seconds=60))
    observe(account, NOON + timedelta(seconds=1), describe(used_seconds=60))
    assert UsageDay.objects.get().training_seconds == 60


def test_storage_costs_for_the_time_since_the_last_look(account: SponsoringAccount) -> None:
    """Through an outage of three days, too, and by the size that was known then."""
    observe(account, NOON, describe(storage_bytes=1000))
    observe(account, NOON + timedelta(seconds=10, milliseconds=500), describe(storage_bytes=5000))
    observe(account, NOON + timedelta(days=3), describe(storage_bytes=0))
    observe(account, NOON + timedelta(days=4), describe(storage_bytes=0))
    days = dict(UsageDay.objects.values_list("day", "storage_byte_seconds"))
    rest = timedelta(days=3) - timedelta(seconds=10, milliseconds=500)
    assert days == {
        date(2026, 5, 4): 10_500,
        date(2026, 5, 7): 5000 * (rest // timedelta(milliseconds=1)) // 1000,
    }


def test_each_day_has_a_row_of_its_own(account: SponsoringAccount) -> None:
    for hours, used in ((0, 60), (1, 120), (12, 300), (13, 360)):
        observe(account, NOON + timedelta(hours=hours), describe(used_seconds=used))
    days = dict(UsageDay.objects.values_list("day", "training_seconds"))
    assert days == {date(2026, 5, 4): 120, date(2026, 5, 5): 240}


def test_what_was_used_before_the_first_look_is_of_the_day_they_joined(account: SponsoringAccount) -> None:
    observe(account, NOON, describe(used_seconds=60, joined_at=NOON - timedelta(days=40)))
    observe(account, NOON + timedelta(hours=1), describe(used_seconds=90, joined_at=NOON - timedelta(days=40)))
    days = dict(UsageDay.objects.values_list("day", "training_seconds"))
    assert days == {date(2026, 3, 25): 60, date(2026, 5, 4): 30}


def test_queued_since_tells_since_when_it_stands_still(account: SponsoringAccount) -> None:
    for hours, queued, since in ((0, 0, None), (1, 600, 1), (2, 600, 1), (3, 300, 3), (4, 0, None), (5, 300, 5)):
        observe(account, NOON + timedelta(hours=hours), describe(queued_seconds=queued))
        expected = None if since is None else NOON + timedelta(hours=since)
        assert RacerProfile.objects.get().queued_since == expected


@pytest.mark.parametrize(
    ("kind", "hours", "leaked"),
    [("deepracer_on_aws", 25, 0), ("deepracer_on_aws", 37, 600), ("multi_user", 400, 0)],
)
def test_minutes_leak_where_no_job_can_last_so_long(
    account: SponsoringAccount, kind: str, hours: int, leaked: int
) -> None:
    now = timezone.now()
    SponsoringAccount.objects.update(kind=kind, site_url="https://racing.example")
    Price.objects.create(
        sponsoring_account=account, valid_from=date(2026, 1, 1), training_hour=6_000_000, storage_gigabyte_month=0
    )
    account.refresh_from_db()
    observe(account, now - timedelta(hours=hours), describe(queued_seconds=600))
    observe(account, now, describe(queued_seconds=600))
    profile = RacerProfile.objects.select_related("sponsoring_account").get()
    assert leaked_seconds(profile, now) == leaked
    usage = see_account_usage(accounts=[account])[account.pk]
    assert usage.exposure == (0 if leaked else 1_000_000)
    assert usage.training_now == (0 if leaked else 1)


class TestPrices:
    def price(self, account: SponsoringAccount, day: date, hour: int, month: int = 0) -> None:
        Price.objects.create(
            sponsoring_account=account, valid_from=day, training_hour=hour, storage_gigabyte_month=month
        )

    def spent(self, account: SponsoringAccount) -> int:
        return see_account_usage(accounts=[account])[account.pk].spent

    def test_multi_user_mode_costs_what_aws_says(self, account: SponsoringAccount) -> None:
        observe(account, NOON, describe(used_seconds=3600, storage_bytes=GIGABYTE))
        assert self.spent(account) == 3_500_000
        observe(account, NOON + timedelta(hours=730), describe(used_seconds=3600))
        assert self.spent(account) == 3_500_000 + 23_000

    def test_deepracer_on_aws_costs_nothing_until_somebody_says_what(self, account: SponsoringAccount) -> None:
        SponsoringAccount.objects.update(kind="deepracer_on_aws", site_url="https://racing.example")
        account.refresh_from_db()
        observe(account, NOON, describe(used_seconds=3600))
        assert self.spent(account) == 0

    def test_a_new_price_holds_from_its_day(self, account: SponsoringAccount) -> None:
        self.price(account, date(2026, 5, 4), 1_000_000)
        self.price(account, date(2026, 5, 5), 2_000_000)
        observe(account, NOON, describe(used_seconds=3600))
        observe(account, NOON + timedelta(days=1), describe(used_seconds=7200))
        assert self.spent(account) == 3_000_000

    def test_a_price_that_comes_late_holds_from_its_day_too(self, account: SponsoringAccount) -> None:
        for day, used in ((-1, 3600), (0, 7200), (1, 10800)):
            observe(account, NOON + timedelta(days=day), describe(used_seconds=used))
        self.price(account, date(2026, 5, 4), 1_000_000)
        for _ in range(2):
            reprice_usage(account_id=account.pk, prices=load_price_lists([account])[account.pk])
            assert self.spent(account) == 3_500_000 + 2 * 1_000_000
            assert sum(UsageDay.objects.values_list("training_seconds", flat=True)) == 10800

    def test_rows_that_come_to_the_same_price_become_one(self, account: SponsoringAccount) -> None:
        observe(account, NOON, describe(used_seconds=60))
        self.price(account, date(2026, 5, 4), 1_000_000)
        observe(account, NOON + timedelta(hours=1), describe(used_seconds=120))
        assert UsageDay.objects.count() == 2
        reprice_usage(account_id=account.pk, prices=load_price_lists([account])[account.pk])
        row = UsageDay.objects.get()
        assert (row.training_seconds, row.training_hour_price) == (120, 1_000_000)


@pytest.mark.parametrize(
    ("seconds", "price", "micros"),
    [(3600, 3_500_000, 3_500_000), (1, 3_500_000, 972), (2, 3_500_000, 1944), (0, 3_500_000, 0), (1, 1800, 1)],
)
def test_training_costs_whole_micro_dollars(seconds: int, price: int, micros: int) -> None:
    assert cost_of(second_prices=seconds * price) == micros


@given(st.integers(0, 10**12), st.integers(0, 10**24))
def test_money_is_exact_and_rounded_once(seconds: int, byte_seconds: int) -> None:
    cost = cost_of(second_prices=seconds, byte_second_prices=byte_seconds)
    assert isinstance(cost, int)
    scale = 3600 * GIGABYTE * MONTH_SECONDS
    exact = seconds * GIGABYTE * MONTH_SECONDS + byte_seconds * 3600
    assert abs(cost * scale - exact) * 2 <= scale
