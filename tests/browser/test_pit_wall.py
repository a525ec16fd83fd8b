"""The admin, from signing in to trying again: nothing that its policy forbids, no error in its console."""

import pytest
from playwright.sync_api import expect

from paddock.accounts.models import User
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import build_tenant, set_steps
from tests.browser.conftest import PASSWORD, OpenPage, open_admin
from tests.support.factories import MembershipFactory
from tests.support.looking import find_overflows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_walk_along_the_pit_wall(open_page: OpenPage) -> None:
    tenant = build_tenant("Contoso")
    set_steps(tenant.registration, "identity", state="failed", attempts=1, detail="Nobody knows Ann.")
    user = User.objects.create_user("ann@example.com", PASSWORD)
    with organization_scope(tenant.organization.pk):
        MembershipFactory(user=user, role="organizer")

    page = open_page("/admin/")
    page.get_by_label("E-mail address").fill("ann@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Nobody knows Ann.")).to_be_visible()

    page.get_by_role("link", name="1 Failed", exact=True).click()
    page.get_by_role("link", name="Ann").click()
    page.get_by_role("link", name="Retry now").click()
    page.get_by_label("Reason").fill("Ann is in the directory now")
    page.get_by_role("button", name="Retry now").click()
    expect(page.get_by_text("1 step is tried again now.")).to_be_visible()

    page.goto(f"/admin/participants/message/{tenant.message.pk}/change/")
    expect(page.frame_locator("iframe").get_by_text("Welcome, Ann")).to_be_visible()
    page.goto(f"/admin/events/event/{tenant.event.pk}/change/")
    page.locator("#tabs-wrapper").get_by_text("Mail").click()
    expect(page.frame_locator("iframe").get_by_text("Hello Ann,")).to_be_visible()


def test_no_page_of_a_viewer_scrolls_sideways(open_page: OpenPage) -> None:
    """Their pages are others: what an organizer changes in a form, they read."""
    tenant = build_tenant("Contoso")
    page = open_admin(open_page, tenant.organization.pk, role="viewer")
    expect(page.get_by_text("Now and next")).to_be_visible()
    addresses = [
        f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/" for row in tenant.rows.values()
    ]
    for address in ["/admin/", *addresses]:
        page.goto(address)
        assert find_overflows(page) == [], address
