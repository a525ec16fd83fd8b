"""The API's pages: its documentation, and where an owner makes a key."""

import pytest
from playwright.sync_api import expect

from paddock.accounts.models import User
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import build_tenant
from tests.browser.conftest import OpenPage
from tests.support.factories import MembershipFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"
SECONDS = 60_000  # the reference is made in the browser, which takes its time on a busy machine


@pytest.mark.parametrize("width", [390, 1280])
def test_the_documentation_works_with_nothing_from_elsewhere(open_page: OpenPage, width: int) -> None:
    page = open_page("/api/v1/docs/", width=width)
    expect(page.get_by_role("heading", name="Your first call in five minutes")).to_be_visible()
    call = page.locator("#reference .opblock", has_text="Register many people").first
    expect(call).to_be_visible(timeout=SECONDS)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", [390, 1280])
def test_an_owner_makes_a_key(open_page: OpenPage, width: int) -> None:
    tenant = build_tenant("Contoso")
    user = User.objects.create_user("ann@example.com", PASSWORD)
    with organization_scope(tenant.organization.pk):
        MembershipFactory(user=user, role="owner")
    page = open_page("/admin/api/apikey/add/", width=width)
    page.get_by_label("E-mail address").fill("ann@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("#id_name").fill("CRM sync")
    page.locator("input[value='people:write']").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("The key")).to_contain_text("pdk_")
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text("CRM sync")).to_be_visible()
    page.get_by_role("link", name="CRM sync").click()
