"""An organizer changes an event, says why, and finds who, what and why in its history and in the trail."""

import pytest
from playwright.sync_api import Page, expect

from paddock.accounts.models import User
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import build_tenant
from tests.admin.stage import page as address_of
from tests.browser.conftest import OpenPage
from tests.support.factories import MembershipFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


def sign_in(page: Page) -> None:
    page.get_by_label("E-mail address").fill("ann@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Now and next")).to_be_visible()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("width", [390, 1280])
def test_from_a_change_to_its_trace(open_page: OpenPage, width: int) -> None:
    contoso = build_tenant("Contoso")
    with organization_scope(contoso.organization.pk):
        MembershipFactory(user=User.objects.create_user("ann@example.com", PASSWORD), role="owner")
    page = open_page("/admin/", width=width)
    sign_in(page)

    page.goto(address_of(contoso.event.directory))
    page.get_by_label("Name", exact=False).first.fill("Company directory")
    page.get_by_label("Reason").fill("The old name confused people")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/directoryconnection/")

    page.goto(address_of(contoso.event.directory, "history"))
    expect(page.get_by_text("The old name confused people").first).to_be_visible()
    assert fits(page)

    page.goto(address_of(AuditEntry, "changelist"))
    expect(page.get_by_text("changed the directory connection").first).to_be_visible()
    assert fits(page)
    page.get_by_role("textbox", name="Who", exact=True).fill("ann@")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("changed the directory connection").first).to_be_visible()

    with organization_scope(contoso.organization.pk):
        entry = AuditEntry.objects.get()
    page.goto(address_of(entry))
    page.locator("summary", has_text="Company directory").click()
    expect(page.get_by_text("Contoso directory → Company directory").last).to_be_visible()
    assert fits(page)

    page.goto("/admin/audit/rowchange/")
    assert fits(page)
    expect(page.get_by_text("Contoso directory → Company directory").first).to_be_visible()
