"""A frozen event, from its banner to everybody's going on."""

import pytest
from playwright.sync_api import expect

from events.models import Budget
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import build_tenant, page
from tests.browser.conftest import OpenPage, open_admin
from tests.support.budgets import look, set_budget, spend
from tests.support.looking import find_overflows
from tests.support.world import account_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_raise_and_unfreeze(open_page: OpenPage) -> None:
    tenant = build_tenant("Contoso")
    spend(tenant.registration, 105, exposed=7)
    budget = set_budget(tenant.event, 100, (50, "alert"), (100, "freeze"))
    look(account_of(tenant.event))

    wall = open_admin(open_page, tenant.organization.pk)
    expect(wall.get_by_text("Everybody is paused: the budget of this event is used up.")).to_be_visible()

    wall.goto(page(tenant.event))
    wall.get_by_role("link", name="Raise and unfreeze…").click()
    dialog = wall.locator("#dialog")
    expect(dialog.get_by_text("$105.00")).to_be_visible()
    dialog.get_by_label("New amount, USD").fill("100")
    dialog.get_by_label("Reason").fill("The sponsor agreed")
    dialog.get_by_role("button", name="Raise and unfreeze").click()
    expect(dialog.get_by_text("Enter $105.01 or more")).to_be_visible()
    dialog.get_by_label("New amount, USD").fill("250")
    dialog.get_by_role("button", name="Raise and unfreeze").click()
    expect(wall.get_by_text("The budget is $250.00 now, and everybody may go on.")).to_be_visible()
    expect(wall.get_by_text("0 of 1 done")).to_be_visible()

    wall.goto(page(budget))
    expect(wall.get_by_role("img", name="42 % of the budget is spent.")).to_be_visible()
    assert find_overflows(wall) == []
    with organization_scope(tenant.organization.pk):
        assert Budget.objects.get().event.frozen_at is None
