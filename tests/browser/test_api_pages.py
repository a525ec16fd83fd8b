"""The API's pages: its documentation, and where an owner makes a key."""

import pytest
from playwright.sync_api import expect

from tests.admin.stage import build_tenant
from tests.browser.conftest import OpenPage, open_admin
from tests.support.looking import PHONE, find_overflows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECONDS = 60_000  # the reference is made in the browser, which takes its time on a busy machine


def test_the_documentation_works_with_nothing_from_elsewhere(open_page: OpenPage) -> None:
    page = open_page("/api/v1/docs/", width=PHONE)
    expect(page.get_by_role("heading", name="Your first call in five minutes")).to_be_visible()
    call = page.locator("#reference .opblock", has_text="Register many people").first
    expect(call).to_be_visible(timeout=SECONDS)
    assert find_overflows(page) == []


def test_an_owner_makes_a_key(open_page: OpenPage) -> None:
    tenant = build_tenant("Contoso")
    page = open_admin(open_page, tenant.organization.pk, role="owner", path="/admin/api/apikey/add/")
    page.locator("#id_name").fill("CRM sync")
    page.locator("input[value='people:write']").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("The key")).to_contain_text("pdk_")
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text("CRM sync")).to_be_visible()
    page.get_by_role("link", name="CRM sync").click()
