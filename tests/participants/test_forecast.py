"""The forecast: its formulas in numbers, and that more people never ask for less."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from events.domain.accounts import choose_account, find_accounts
from events.domain.forecast import MONTH_MINUTES, Assumptions, foresee, share_out
from events.models import Event, EventAccount, Price, QuotaPolicy
from paddock.tenancy.scope import organization_scope
from participants.domain.forecasting import foresee_event
from tests.admin.stage import enter
from tests.support.factories import EventFactory, OrganizationFactory, SponsoringAccountFactory

DOLLAR = 1_000_000
LEAGUE = Assumptions(
    people=200,
    training_jobs=100,
    quota_minutes=300,
    quota_models=5,
    training_hour=3_500_000,
    storage_gigabyte_month=23_000,
    event_minutes=2 * 24 * 60,
)


@pytest.mark.parametrize(
    ("people", "places", "jobs", "waiting", "waits"),
    [
        (200, 100, [20, 60, 200], [0, 0, 100], [0, 0, 60]),
        (70, 8, [7, 21, 70], [0, 13, 62], [0, 120, 480]),
        (8, 8, [1, 3, 8], [0, 0, 0], [0, 0, 0]),
        (9, 8, [1, 3, 9], [0, 0, 1], [0, 0, 60]),
        (0, 8, [0, 0, 0], [0, 0, 0], [0, 0, 0]),
        (3, 0, [1, 1, 3], [0, 0, 2], [0, 0, 120]),  # an account without places counts as one
    ],
)
def test_crowds(people: int, places: int, jobs: list[int], waiting: list[int], waits: list[int]) -> None:
    crowds = foresee(replace(LEAGUE, people=people, training_jobs=places)).crowds
    assert [crowd.jobs for crowd in crowds] == jobs
    assert [crowd.waiting for crowd in crowds] == waiting
    assert [crowd.longest_wait_minutes for crowd in crowds] == waits


TRAINING = 200 * 5 * 3.5
COSTS: list[tuple[dict[str, Any], float | None]] = [
    # 1,000 models of a billion bytes for a month: 931.32 gigabytes as AWS counts them, at 0.023 each.
    ({"event_minutes": 0}, TRAINING + 21.42),
    ({"event_minutes": MONTH_MINUTES}, TRAINING + 2 * 21.42),
    ({"event_minutes": 0, "quota_models": 0}, TRAINING),
    ({"event_minutes": 0, "quota_models": None}, TRAINING + 21.42),  # five hours make five models
    ({"quota_minutes": 0, "quota_models": 0}, 0),
    ({"people": 0}, 0),
    ({"quota_minutes": None}, None),
    ({"training_hour": None}, None),
    ({"storage_gigabyte_month": None}, None),
]


@pytest.mark.parametrize(("fields", "dollars"), COSTS)
def test_cost_at_worst(fields: dict[str, Any], dollars: float | None) -> None:
    cost = foresee(replace(LEAGUE, **fields)).worst_cost
    assert cost is dollars if dollars is None else cost == pytest.approx(dollars * DOLLAR, abs=10_000)


@pytest.mark.parametrize(
    ("fields", "minutes", "fits"),
    [
        ({}, 600, True),
        ({"training_jobs": 8}, 7500, False),
        ({"training_jobs": 8, "event_minutes": 7500}, 7500, True),
        ({"quota_minutes": None}, None, False),
    ],
)
def test_whether_everybody_can_use_up_their_quota(fields: dict[str, Any], minutes: int | None, fits: bool) -> None:
    forecast = foresee(replace(LEAGUE, **fields))
    assert (forecast.minutes_needed, forecast.fits) == (minutes, fits)


counts = st.integers(0, 20_000)
assumptions = st.builds(
    Assumptions,
    people=counts,
    training_jobs=st.integers(0, 500),
    quota_minutes=st.none() | st.integers(0, 10_000),
    quota_models=st.none() | st.integers(0, 100),
    training_hour=st.none() | st.integers(0, 50 * DOLLAR),
    storage_gigabyte_month=st.none() | st.integers(0, DOLLAR),
    event_minutes=st.integers(0, 100_000),
)


@given(assumptions, st.integers(0, 5_000))
def test_more_people_never_ask_for_less(asked: Assumptions, more: int) -> None:
    few, many = foresee(asked), foresee(replace(asked, people=asked.people + more))
    for before, after in zip(few.crowds, many.crowds, strict=True):
        assert before.jobs <= after.jobs
        assert before.waiting <= after.waiting
        assert before.longest_wait_minutes <= after.longest_wait_minutes
    assert (few.worst_cost is None) == (many.worst_cost is None)
    assert (few.worst_cost or 0) <= (many.worst_cost or 0)
    assert (few.minutes_needed or 0) <= (many.minutes_needed or 0)
    assert few.fits or not many.fits


@given(assumptions, st.integers(0, 500))
def test_more_places_never_make_it_worse(asked: Assumptions, more: int) -> None:
    few, many = foresee(asked), foresee(replace(asked, training_jobs=asked.training_jobs + more))
    for before, after in zip(few.crowds, many.crowds, strict=True):
        assert before.waiting >= after.waiting
        assert before.longest_wait_minutes >= after.longest_wait_minutes
    assert few.worst_cost == many.worst_cost
    assert many.fits or not few.fits


shares = st.lists(st.integers(1, 50), min_size=1, max_size=6)


@given(counts, shares)
def test_nobody_is_lost_in_sharing_out(people: int, given_shares: list[int]) -> None:
    parts = share_out(people, given_shares)
    assert sum(parts) == people
    assert all(part <= next_ for part, next_ in zip(parts, share_out(people + 1, given_shares), strict=True))


@given(st.integers(0, 60), shares)
def test_shares_are_those_of_whoever_comes_one_after_another(people: int, given_shares: list[int]) -> None:
    parts = [0] * len(given_shares)
    for _ in range(people):
        emptiest = min(range(len(parts)), key=lambda index: (parts[index] + 1) / given_shares[index])
        parts[emptiest] += 1
    assert share_out(people, given_shares) == parts


@pytest.fixture
def event(db: None) -> Event:
    """On two accounts, the second of which takes three times as many."""
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        event: Event = EventFactory()
        on_aws = SponsoringAccountFactory(kind="deepracer_on_aws", site_url="https://x.example", max_training_jobs=8)
        EventAccount.objects.create(event=event, sponsoring_account=on_aws, share=3)
    return event


@pytest.mark.parametrize(
    ("fields", "people", "source"),
    [
        ({"expected_participants": 40, "capacity": 100}, 40, "as expected"),
        ({"capacity": 100}, 100, "as many as there are places"),
        ({}, 2, "as many as have registered"),
        ({"expected_participants": 0}, 0, "as expected"),
    ],
)
def test_how_many_are_expected(fields: dict[str, int], people: int, source: str, event: Event) -> None:
    for name in ("ann", "ben"):
        enter(event, f"{name}@contoso.example")
    with organization_scope(event.organization_id):
        Event.objects.filter(pk=event.pk).update(**fields)
        expectation = foresee_event(event=Event.objects.get(pk=event.pk)).expectation
    assert (expectation.people, expectation.source) == (people, source)


def test_each_account_by_its_share_quota_and_price(event: Event) -> None:
    enter(event, "ann@contoso.example")
    with organization_scope(event.organization_id):
        QuotaPolicy.objects.create(event=event, minutes=60, model_count=0)
        event.expected_participants = 40
        first, second = foresee_event(event=event).accounts
        assert [each.forecast.assumptions.people for each in (first, second)] == [10, 30]
        assert [each.registered for each in (first, second)] == [0, 1]
        assert first.forecast.worst_cost == 35 * DOLLAR  # by AWS's list price
        assert second.forecast.worst_cost is None  # nobody knows what it costs there
        assert foresee_event(event=event).worst_cost is None
        Price.objects.create(
            sponsoring_account=second.account.sponsoring_account,
            valid_from="2020-01-01",
            training_hour=2 * DOLLAR,
            storage_gigabyte_month=0,
        )
        assert foresee_event(event=event).worst_cost == 95 * DOLLAR
        assert choose_account(accounts=find_accounts(event=event), taken={}) == second.account


def test_queries_do_not_grow(event: Event) -> None:
    def count() -> int:
        with organization_scope(event.organization_id), CaptureQueriesContext(connection) as queries:
            foresee_event(event=event)
        return len(queries)

    before = count()
    for number in range(5):
        enter(event, f"racer{number}@contoso.example")
        with organization_scope(event.organization_id):
            EventAccount.objects.create(event=event, sponsoring_account=SponsoringAccountFactory())
    assert count() == before
