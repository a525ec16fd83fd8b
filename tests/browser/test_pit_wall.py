"""The admin, from signing in to trying again: nothing that its policy forbids, no error in its console."""

import pytest
from playwright.sync_api import expect

from paddock.accounts.models import User
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import build_tenant, set_steps
from tests.browser.conftest import OpenPage
from tests.support.factories import MembershipFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"


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


@pytest.mark.parametrize(("width", "operates"), [(390, True), (1440, False)])
def test_no_page_scrolls_sideways(open_page: OpenPage, width: int, operates: bool) -> None:
    tenant = build_tenant("Contoso")
    user = User.objects.create_user("ann@example.com", PASSWORD, is_superuser=operates)
    with organization_scope(tenant.organization.pk):
        MembershipFactory(user=user, role="viewer")
    page = open_page("/admin/", width=width)
    page.get_by_label("E-mail address").fill("ann@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    if operates:
        page.get_by_role("link", name="Begin an operator session").click()
        page.get_by_label("Organization").select_option(label="Contoso Racing")
        page.get_by_label("Reason").fill("A walk")
        page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Now and next")).to_be_visible()
    addresses = [
        f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/" for row in tenant.rows.values()
    ]
    for address in ["/admin/", *addresses]:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
