"""Budgets and their thresholds: what fires, once, what it does, and how it is armed again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.domain.lookup import load_event
from events.models import Budget, Event, Firing, Price, SponsoringAccount
from paddock.accounts.models import User
from paddock.audit.models import AuditEntry
from paddock.money import MICROS
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from participants.domain.guard import looking
from participants.domain.guard.raising import AmountTooSmall, change_amount, rearm, unfreeze
from participants.domain.sponsorship.wanted import find_wanted
from participants.models import Operation, RacerProfile, Registration, Step
from tests.admin.stage import enter
from tests.support.budgets import look, set_budget, spend, threshold_of
from tests.support.factories import EventFactory, OrganizationFactory, UserFactory
from tests.support.world import account_of

ON_AWS = {"kind": "deepracer_on_aws", "site_url": "https://racing.example.com"}


@pytest.fixture
def organization(db: None) -> Organization:
    return OrganizationFactory()


@pytest.fixture
def actor(db: None) -> User:
    return UserFactory()


def build_event(organization: Organization, **fields: object) -> Event:
    with organization_scope(organization.pk):
        return load_event(EventFactory(**fields).pk)


def sign_up(event: Event, name: str = "ann") -> Registration:
    return enter(event, f"{name}@contoso.example")


def set_price(account: SponsoringAccount) -> None:
    """What multi-user mode costs without one, and DeepRacer on AWS only so."""
    with organization_scope(account.organization_id):
        Price.objects.create(
            sponsoring_account=account, valid_from="2020-01-01", training_hour=3_500_000, storage_gigabyte_month=0
        )


def find_reasons(event: Event) -> dict[str, str]:
    """Why each racer of the event is wanted paused, by name; empty where they are not."""
    with organization_scope(event.organization_id):
        profiles = list(RacerProfile.objects.select_related("participant").order_by("id"))
        wanted = find_wanted(profiles=profiles)
        return {each.participant.email.partition("@")[0]: wanted[each.pk].why for each in profiles}


@pytest.mark.parametrize(
    ("kind", "spent", "exposed", "percent", "fires", "finding"),
    [
        ({}, 0, 0, 50, False, "The mark of $50.00, 50 % of $100.00, is not reached."),
        ({}, 49.99, 30, 50, False, "Spent $49.99; running and queued jobs cost $30.00 more at worst."),
        ({}, 50, 0, 50, True, "The mark of $50.00, 50 % of $100.00, is reached."),
        ({}, 130, 3.5, 100, True, "Spent $130.00; running and queued jobs cost $3.50 more at worst."),
        ({}, 130, 0, 131, False, "The mark of $131.00, 131 % of $100.00, is not reached."),
        (ON_AWS, 40, 9.9, 50, False, "cost $9.90 at worst: together $49.90. They count, because"),
        (ON_AWS, 40, 10.5, 50, True, "Spent $40.00, and running and queued jobs cost $10.50 at worst"),
    ],
)
@pytest.mark.parametrize("action", ["alert", "freeze", "stop"])
def test_what_fires_and_why(
    organization: Organization,
    kind: dict[str, str],
    spent: float,
    exposed: float,
    percent: int,
    fires: bool,
    finding: str,
    action: str,
) -> None:
    event = build_event(organization, **{f"sponsoring_account__{name}": value for name, value in kind.items()})
    set_price(account_of(event))
    spend(sign_up(event), spent, exposed=exposed)
    budget = set_budget(event, 100, (percent, action))

    firings = look(account_of(event))

    threshold = threshold_of(budget, percent)
    assert len(firings) == fires
    assert finding in threshold.finding
    assert threshold.looked_at
    assert bool(threshold.fired_at) == fires
    with organization_scope(organization.pk):
        event.refresh_from_db()
        assert bool(event.frozen_at) == (fires and action != "alert")
        owed = set(Operation.objects.values_list("steps__kind", flat=True))
        kinds = {"alert": set(), "freeze": {"sponsorship"}, "stop": {"sponsorship", "stop"}}[action]
        assert owed == (kinds if fires else set())
        if fires:
            firing = Firing.objects.get()
            assert (firing.amount, firing.spent) == (100 * MICROS, round(spent * MICROS))
            assert firing.explanation == threshold.finding
            entry = AuditEntry.objects.get()
            assert (entry.actor, entry.event_id) == (None, event.pk)
            assert entry.reason == firing.explanation


def test_each_threshold_fires_once(organization: Organization) -> None:
    event = build_event(organization)
    ann = sign_up(event)
    budget = set_budget(event, 100, (50, "alert"), (80, "alert"), (100, "freeze"))
    counts = []
    for dollars in (55, 5, 25, 30, 100):
        spend(ann, dollars)
        counts.append([firing.threshold.percent for firing in look(account_of(event))])
    assert counts == [[50], [], [80], [100], []]
    finding = threshold_of(budget, 50).finding
    assert finding.startswith("Fired on ")
    assert "stays quiet until it is armed again. Spent $215.00" in finding


def test_what_is_passed_in_one_leap_fires_together(organization: Organization) -> None:
    event = build_event(organization)
    spend(sign_up(event), 500)
    set_budget(event, 100, (50, "alert"), (100, "freeze"), (120, "stop"))
    assert [firing.threshold.percent for firing in look(account_of(event))] == [50, 100, 120]
    with organization_scope(organization.pk):
        titles = list(Operation.objects.order_by("id").values_list("title", "total"))
    assert titles == [("Freeze: 100 % of the budget is reached", 1), ("Stop: 120 % of the budget is reached", 2)]


def test_an_account_and_its_events_are_looked_at_together(organization: Organization) -> None:
    first = build_event(organization)
    account = account_of(first)
    second = build_event(organization, sponsoring_account=account, directory=first.directory)
    elsewhere = build_event(organization, directory=first.directory)
    spend(sign_up(first), 60)
    spend(sign_up(second, "bob"), 30)
    spend(sign_up(elsewhere, "cid"), 1000)
    set_budget(first, 100, (50, "alert"))
    set_budget(second, 100, (50, "freeze"))
    set_budget(elsewhere, 100, (50, "freeze"))
    set_budget(account, 100, (90, "freeze"))

    assert [(f.threshold.percent, f.spent // MICROS) for f in look(account)] == [(50, 60), (90, 90)]

    with organization_scope(organization.pk):
        operations = Operation.objects.order_by("event").values_list("event", "total")
        assert list(operations) == [(first.pk, 1), (second.pk, 1)]
    reasons = find_reasons(first)
    assert reasons["ann"] == reasons["bob"] == "the budget guard froze the account “Racing account”"
    assert reasons["cid"] == ""


def test_who_registers_while_it_is_frozen_is_paused_too(organization: Organization) -> None:
    event = build_event(organization)
    spend(sign_up(event), 100)
    set_budget(event, 100, (100, "freeze"))
    look(account_of(event))
    spend(sign_up(event, "late"), 0)
    assert find_reasons(event) == dict.fromkeys(["ann", "late"], f"the budget guard froze “{event}”")


def test_racers_whom_nobody_knows_are_named(organization: Organization) -> None:
    event = build_event(organization)
    account = account_of(event)
    spend(sign_up(event), 100)
    set_budget(account, 100, (80, "alert"), (100, "freeze"))
    with organization_scope(organization.pk):
        RacerProfile.objects.create(sponsoring_account=account, alias="stranger", service_id="stranger")
    alert, freeze = look(account)
    assert "belongs to nobody" not in alert.explanation
    assert "1 racer of the account belongs to nobody whom Paddock knows, and can train on" in freeze.explanation


@pytest.mark.parametrize(
    ("spent", "amount", "armed"),
    [
        (90, 150, []),  # 50 % of 150 are 75: behind
        (90, 180, []),  # 50 % are 90: reached, and so not ahead
        (90, 180.01, [50]),
        (90, 300, [50]),
        (90, 95, []),
        (90, 50, []),  # a lowered one arms nothing
        (10, 200, []),  # nothing had fired
    ],
)
def test_a_raised_budget_arms_what_is_ahead_again(
    organization: Organization, actor: User, spent: float, amount: float, armed: list[int]
) -> None:
    event = build_event(organization)
    spend(sign_up(event), spent)
    budget = set_budget(event, 100, (50, "alert"), (100, "freeze"))
    look(account_of(event))
    with organization_scope(organization.pk):
        changed = change_amount(budget=budget, amount=int(amount * MICROS), actor=actor, reason="More money")
        assert [each.percent for each in changed] == armed
        assert Firing.objects.filter(rearmed_at__isnull=False).count() == len(armed)
        entry = AuditEntry.objects.latest("id")
        assert (entry.actor, entry.reason) == (actor, "More money")
        assert entry.changes["amount"][0] == "$100.00"
    assert bool(threshold_of(budget, 50).fired_at) == (spent == 90 and not armed)


def test_a_person_arms_a_threshold_again(organization: Organization, actor: User) -> None:
    event = build_event(organization)
    ann = sign_up(event)
    spend(ann, 60)
    budget = set_budget(event, 100, (50, "alert"))
    with organization_scope(organization.pk):
        assert not rearm(threshold=threshold_of(budget, 50), actor=actor, reason="It has not fired")
    look(account_of(event))
    with organization_scope(organization.pk):
        assert rearm(threshold=threshold_of(budget, 50), actor=actor, reason="Tell us again")
        assert AuditEntry.objects.latest("id").reason == "Tell us again"
    assert threshold_of(budget, 50).finding.startswith("Armed again")
    assert len(look(account_of(event))) == 1  # because its mark is reached still
    with organization_scope(organization.pk):
        assert Firing.objects.filter(rearmed_at=None).count() == 1


def test_raise_and_unfreeze_is_one_act(organization: Organization, actor: User) -> None:
    event = build_event(organization)
    spend(sign_up(event), 110)
    spend(sign_up(event, "bob"), 0)
    with organization_scope(organization.pk):
        Registration.objects.filter(participant__email__startswith="bob").update(paused_at="2026-01-01T00:00Z")
    budget = set_budget(event, 100, (50, "alert"), (100, "freeze"))
    look(account_of(event))
    with organization_scope(organization.pk):
        Step.objects.filter(kind="sponsorship").update(state="done")
        operations = unfreeze(budget=budget, new_amount=200 * MICROS, actor=actor, reason="The sponsor agreed")
        event.refresh_from_db()
        assert event.frozen_at is None
        assert Budget.objects.get().amount == 200 * MICROS
        (operation,) = operations
        assert (operation.total, operation.started_by, operation.reason) == (2, actor, "The sponsor agreed")
        assert Step.objects.filter(kind="sponsorship", state="ready").count() == 2
        actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))[-2:]
        assert actions == ["changed the budget", "unfroze it with a higher budget"]
    assert threshold_of(budget, 50).fired_at  # 100 of 200 dollars are behind
    assert not threshold_of(budget, 100).fired_at
    assert find_reasons(event) == {"ann": "", "bob": "an organizer paused them"}
    spend(sign_up(event, "cid"), 90)
    assert [firing.threshold.percent for firing in look(account_of(event))] == [100]


def test_an_account_is_unfrozen_for_all_its_events(organization: Organization, actor: User) -> None:
    first = build_event(organization)
    account = account_of(first)
    second = build_event(organization, sponsoring_account=account, directory=first.directory)
    spend(sign_up(first), 100)
    sign_up(second, "bob")
    budget = set_budget(account, 100, (100, "stop"))
    look(account)
    with organization_scope(organization.pk):
        operations = unfreeze(budget=budget, new_amount=101 * MICROS, actor=actor, reason="More")
        assert [operation.event for operation in operations] == [first, second]
        assert not SponsoringAccount.objects.filter(frozen_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("thresholds", "spent", "amount", "least"),
    [
        ([(100, "freeze")], 110, 110, 110.01),
        ([(100, "freeze")], 110, 99, 110.01),
        ([(80, "freeze"), (100, "stop")], 110, 137.50, 137.51),  # 80 % of it is what is spent
        ([(100, "freeze"), (150, "stop")], 100, 100, 100.01),
    ],
)
def test_a_raise_that_holds_nothing_is_refused(
    organization: Organization,
    actor: User,
    thresholds: list[tuple[int, str]],
    spent: float,
    amount: float,
    least: float,
) -> None:
    """Without an armed threshold ahead nobody would be paused again."""
    event = build_event(organization)
    spend(sign_up(event), spent)
    budget = set_budget(event, 100, *thresholds)
    look(account_of(event))
    with organization_scope(organization.pk):
        with pytest.raises(AmountTooSmall, match="behind what is spent") as refusal:
            unfreeze(budget=budget, new_amount=round(amount * MICROS), actor=actor, reason="More")
        assert refusal.value.least == round(least * MICROS)
        event.refresh_from_db()
        assert event.frozen_at
        unfreeze(budget=budget, new_amount=refusal.value.least, actor=actor, reason="More")
    assert look(account_of(event)) == []


def test_other_organizations_are_not_touched(organization: Organization) -> None:
    event, foreign = build_event(organization), build_event(OrganizationFactory())
    for each in (event, foreign):
        spend(sign_up(each), 100)
        set_budget(each, 100, (100, "freeze"))
    with organization_scope(foreign.organization_id):
        assert looking.look_at_budgets(account=account_of(event)) == []
    look(account_of(event))
    with organization_scope(foreign.organization_id):
        foreign.refresh_from_db()
        assert foreign.frozen_at is None
        assert not Firing.objects.exists()


def test_a_look_costs_the_same_for_any_number_of_budgets(organization: Organization) -> None:
    first = build_event(organization)
    account, counts = account_of(first), []
    set_budget(account, 100, (50, "alert"))
    for size in (1, 3, 10):
        for number in range(size):
            event = build_event(organization, sponsoring_account=account, directory=first.directory)
            spend(sign_up(event, f"racer{size}-{number}"), 1)
            set_budget(event, 100, (50, "alert"), (100, "freeze"), (120, "stop"))
        with CaptureQueriesContext(connection) as queries:
            assert look(account) == []
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts


def test_who_trains_although_they_were_stopped_is_stopped_again(organization: Organization) -> None:
    """A job that began before the pause took hold. Nobody is asked twice at once, nor whom another event pays for."""
    event = build_event(organization)
    other = build_event(organization, sponsoring_account=account_of(event), directory=event.directory)
    for name in ("ann", "bob", "cid"):
        spend(sign_up(event, name), 40, exposed=5)
    sign_up(other, "cid")
    budget = set_budget(event, 100, (100, "stop"))
    look(account_of(event))

    def find_stops() -> list[tuple[str, str]]:
        with organization_scope(organization.pk):
            stops = Step.objects.filter(kind="stop").order_by("id")
            return [(each.registration.participant.email[:3], each.state) for each in stops]

    with organization_scope(organization.pk):
        Step.objects.filter(kind="stop").exclude(registration__participant__email__startswith="bob").update(
            state="done"
        )
        Step.objects.filter(kind="stop", state="ready").update(attempts=3)
    assert look(account_of(event)) == []
    assert find_stops() == [("ann", "ready"), ("bob", "ready"), ("cid", "done")]
    with organization_scope(organization.pk):
        assert Step.objects.get(kind="stop", registration__participant__email__startswith="bob").attempts == 3
        Step.objects.filter(kind="stop").update(state="done")
        unfreeze(budget=budget, new_amount=500 * MICROS, actor=UserFactory(), reason="More")
    look(account_of(event))
    assert {state for _, state in find_stops()} == {"done"}
