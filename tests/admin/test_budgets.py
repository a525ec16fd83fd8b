"""Budgets in the admin: setting them, seeing why something fired, and going on."""

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Budget, Event, SponsoringAccount, Threshold
from paddock.audit.models import AuditEntry
from paddock.money import MICROS
from paddock.tenancy.scope import organization_scope
from participants.models import Operation
from tests.admin.forms import read_form
from tests.admin.stage import Tenant, enter, page, sign_in
from tests.support.budgets import look, set_budget, spend, threshold_of
from tests.support.factories import EventFactory
from tests.support.world import account_of


@pytest.fixture
def frozen(contoso: Tenant) -> Budget:
    """100 dollars, 105 of them spent: everybody is paused."""
    spend(contoso.registration, 105, exposed=7)
    budget = set_budget(contoso.event, 100, (50, "alert"), (100, "freeze"), (150, "stop"))
    look(account_of(contoso.event))
    return budget


def ask(client: Client, budget: Budget, what: str, **answers: Any) -> HttpResponse:
    """What a dialog sends."""
    address = reverse(f"admin:events_budget_{what}", args=[budget.pk])
    return client.post(address, {"_form_submitted": "True", "reason": "The sponsor agreed", **answers})


def reload(budget: Budget) -> Budget:
    with organization_scope(budget.organization_id):
        return Budget.objects.select_related("event", "sponsoring_account").get(pk=budget.pk)


def list_actions(tenant: Tenant) -> list[str]:
    with organization_scope(tenant.organization.pk):
        return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_a_new_budget_is_offered_thresholds(contoso: Tenant) -> None:
    client = sign_in("organizer", contoso.organization)
    address = reverse("admin:events_budget_add") + f"?event={contoso.event.pk}"
    form = read_form(client, address)
    assert form["event"] == str(contoso.event.pk)
    answer = client.post(address, form | {"amount": "1250.50", "contacts": "desk@contoso.example\nann@contoso.example"})
    assert answer.status_code == 302
    with organization_scope(contoso.organization.pk):
        budget = Budget.objects.get()
        assert budget.amount == 1_250_500_000
        assert list(budget.thresholds.values_list("percent", "action")) == [
            (50, "alert"),
            (80, "alert"),
            (100, "freeze"),
        ]
        contoso.event.refresh_from_db()
        assert contoso.event.contacts == ["desk@contoso.example", "ann@contoso.example"]
    assert list_actions(contoso) == ["set a budget", "set the thresholds of a budget"]


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"amount": "0"}, "Enter at least one cent."),
        ({"amount": "0.001"}, "Enter at least one cent."),
        ({"amount": "-5"}, "greater than or equal to"),
        ({"amount": "", "event": ""}, "A budget belongs either to an event or to a sponsoring account."),
        ({"contacts": "ann@contoso.example\nnobody"}, "“nobody” is not an e-mail address."),
        ({"thresholds-0-percent": "201"}, "less than or equal to 200"),
        ({"thresholds-1-percent": "50"}, "Please correct the duplicate data"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(contoso: Tenant, typed: dict[str, str], error: str) -> None:
    client = sign_in("owner", contoso.organization)
    address = reverse("admin:events_budget_add") + f"?event={contoso.event.pk}"
    answer = client.post(address, read_form(client, address) | {"amount": "100"} | typed)
    assert error in answer.content.decode()
    with organization_scope(contoso.organization.pk):
        assert not Budget.objects.exists()


def test_only_owners_set_the_budget_of_an_account(contoso: Tenant) -> None:
    account = account_of(contoso.event)
    address = reverse("admin:events_budget_add")
    for role, is_set in (("organizer", False), ("owner", True)):
        client = sign_in(role, contoso.organization)
        form = read_form(client, address) | {"amount": "100", "event": "", "sponsoring_account": str(account.pk)}
        client.post(address, form)
        with organization_scope(contoso.organization.pk):
            assert Budget.objects.filter(sponsoring_account=account).exists() == is_set
    with organization_scope(contoso.organization.pk):
        budget = Budget.objects.get()
    organizer = sign_in("organizer", contoso.organization)
    assert organizer.get(page(budget)).status_code == 200
    assert organizer.post(page(budget), {"contacts": "me@contoso.example"}).status_code == 403
    assert ask(organizer, budget, "change_amount", amount="9000").status_code == 403
    assert ask(sign_in("owner", contoso.organization), budget, "change_amount", amount="9000").status_code == 302


def test_the_page_says_why(contoso: Tenant, frozen: Budget) -> None:
    content = sign_in("viewer", contoso.organization).get(page(frozen)).content.decode()
    for words in (
        "$105.00",
        "$7.00",
        "The mark of $50.00, 50 % of $100.00, is reached.",
        "The mark of $150.00, 150 % of $100.00, is not reached.",
        "Mail queued",
        "Everybody is paused: the budget of this event is used up.",
    ):
        assert words in content, words
    assert "Raise and unfreeze…" not in content  # a viewer looks


@pytest.mark.parametrize("role", ["viewer", "organizer"])
def test_the_event_and_the_pit_wall_show_that_it_is_frozen(contoso: Tenant, frozen: Budget, role: str) -> None:
    client = sign_in(role, contoso.organization)
    for address in (page(contoso.event), "/admin/"):
        assert "Everybody is paused" in client.get(address).content.decode(), address
    content = client.get(page(contoso.event)).content.decode()
    assert ("Raise and unfreeze…" in content) == (role == "organizer")


def test_a_frozen_account_shows_at_its_events(contoso: Tenant) -> None:
    account = account_of(contoso.event)
    spend(contoso.registration, 100)
    budget = set_budget(account, 100, (100, "freeze"))
    look(account)
    client = sign_in("organizer", contoso.organization)
    for row in (contoso.event, account):
        content = client.get(page(row)).content.decode()
        assert f"the budget of the account “{account.name}” is used up" in content.replace("&#x27;", "'")
        assert "Raise and unfreeze…" not in content  # that is for owners
    assert "Raise and unfreeze…" in sign_in("owner", contoso.organization).get(page(account)).content.decode()
    assert "used up" in client.get("/admin/").content.decode()
    assert reload(budget).sponsoring_account.frozen_at


def test_an_event_without_a_budget_offers_one(contoso: Tenant) -> None:
    assert "Set a budget" in sign_in("organizer", contoso.organization).get(page(contoso.event)).content.decode()
    assert "Set a budget" not in sign_in("viewer", contoso.organization).get(page(contoso.event)).content.decode()


def test_raise_and_unfreeze(contoso: Tenant, frozen: Budget) -> None:
    client = sign_in("organizer", contoso.organization)
    dialog = client.get(reverse("admin:events_budget_unfreeze", args=[frozen.pk])).content.decode()
    assert "$105.01 or more." in dialog
    refused = ask(client, frozen, "unfreeze", amount="105")
    assert "Enter $105.01 or more" in refused.content.decode()
    assert reload(frozen).event.frozen_at
    answer = ask(client, frozen, "unfreeze", amount="300")
    with organization_scope(contoso.organization.pk):
        operation = Operation.objects.latest("id")
    assert answer["Location"] == page(operation)
    assert operation.reason == "The sponsor agreed"
    assert reload(frozen).event.frozen_at is None
    assert reload(frozen).amount == 300 * MICROS
    assert not threshold_of(frozen, 100).fired_at
    assert ask(client, frozen, "unfreeze", amount="900").status_code == 403  # nothing is frozen any more


def test_what_is_frozen_is_not_just_changed(contoso: Tenant, frozen: Budget) -> None:
    client = sign_in("organizer", contoso.organization)
    assert ask(client, frozen, "change_amount", amount="900").status_code == 403


def test_a_changed_amount_and_a_threshold_armed_by_hand(contoso: Tenant) -> None:
    client = sign_in("organizer", contoso.organization)
    spend(contoso.registration, 85)
    budget = set_budget(contoso.event, 100, (50, "alert"), (80, "alert"))
    look(account_of(contoso.event))
    assert "This field is required." in ask(client, budget, "change_amount", amount="120", reason="").content.decode()
    ask(client, budget, "change_amount", amount="120")
    assert [bool(threshold_of(budget, percent).fired_at) for percent in (50, 80)] == [True, False]
    ask(client, budget, "arm", threshold=threshold_of(budget, 50).pk)
    assert not threshold_of(budget, 50).fired_at
    assert list_actions(contoso)[-2:] == ["changed the budget", "armed a threshold"]


def test_a_threshold_that_has_fired_stays_on_record(contoso: Tenant, frozen: Budget) -> None:
    client = sign_in("organizer", contoso.organization)
    form = read_form(client, page(frozen))
    assert (
        "The threshold at 50 % has fired"
        in client.post(page(frozen), form | {"thresholds-0-DELETE": "on"}).content.decode()
    )
    assert client.post(page(frozen), form | {"thresholds-2-DELETE": "on"}).status_code == 302
    with organization_scope(contoso.organization.pk):
        assert list(Threshold.objects.values_list("percent", flat=True)) == [50, 100]
        entry = AuditEntry.objects.latest("id")
    assert entry.changes["thresholds"][1] == "50 % alert, 100 % freeze"


@pytest.mark.parametrize("what", ["unfreeze", "change_amount", "arm"])
def test_outsiders_find_nothing(contoso: Tenant, fabrikam: Tenant, frozen: Budget, what: str) -> None:
    foreign = sign_in("owner", fabrikam.organization)
    with organization_scope(contoso.organization.pk):
        other = EventFactory(directory=contoso.event.directory, sponsoring_account=account_of(contoso.event))
    elsewhere = sign_in("organizer", contoso.organization, events=[other])
    for client in (foreign, elsewhere):
        assert ask(client, frozen, what, amount="900").status_code == 404
        assert client.get(page(frozen)).status_code in (302, 404)
        assert "Contoso Cup" not in client.get(page(Budget, "changelist")).content.decode()
    assert reload(frozen).amount == 100 * MICROS


def test_whoever_is_for_chosen_events_sets_budgets_of_those_alone(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        other: Event = EventFactory(directory=contoso.event.directory, sponsoring_account=account_of(contoso.event))
    client = sign_in("organizer", contoso.organization, events=[other])
    address = reverse("admin:events_budget_add")
    form = read_form(client, address)
    assert (
        "Select a valid choice"
        in client.post(address, form | {"amount": "5", "event": str(contoso.event.pk)}).content.decode()
    )
    assert client.post(address, form | {"amount": "5", "event": str(other.pk)}).status_code == 302


def test_pages_cost_the_same_for_any_history(contoso: Tenant, frozen: Budget) -> None:
    client, account = sign_in("owner", contoso.organization), account_of(contoso.event)
    addresses = [page(frozen), page(contoso.event), page(account), "/admin/"]

    def count() -> list[int]:
        counts = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
        return counts

    before = count()
    with organization_scope(contoso.organization.pk):
        for percent in range(1, 20):
            Threshold.objects.create(budget=frozen, percent=percent)
    look(account)
    for number in range(5):
        spend(enter(contoso.event, f"racer{number}@contoso.example"), 1)
    with organization_scope(contoso.organization.pk):
        assert SponsoringAccount.objects.count() == 1
    assert count() == before
