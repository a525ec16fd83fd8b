"""An organizer changes an event, says why, and finds who, what and why in its history and in the trail."""

import pytest
from playwright.sync_api import expect

from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import build_tenant
from tests.admin.stage import page as address_of
from tests.browser.conftest import OpenPage, open_admin
from tests.support.looking import find_overflows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_a_change_to_its_trace(open_page: OpenPage) -> None:
    contoso = build_tenant("Contoso")
    page = open_admin(open_page, contoso.organization.pk, role="owner", path=address_of(contoso.event.directory))
    page.get_by_label("Name", exact=False).first.fill("Company directory")
    page.get_by_label("Reason").fill("The old name confused people")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/directoryconnection/")

    page.goto(address_of(contoso.event.directory, "history"))
    expect(page.get_by_text("The old name confused people").first).to_be_visible()
    assert find_overflows(page) == []

    page.goto(address_of(AuditEntry, "changelist"))
    expect(page.get_by_text("changed the directory connection").first).to_be_visible()
    assert find_overflows(page) == []
    page.get_by_role("textbox", name="Who", exact=True).fill("ann@")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("changed the directory connection").first).to_be_visible()

    with organization_scope(contoso.organization.pk):
        entry = AuditEntry.objects.get()
    page.goto(address_of(entry))
    page.locator("summary", has_text="Company directory").click()
    expect(page.get_by_text("Contoso directory → Company directory").last).to_be_visible()
    assert find_overflows(page) == []

    page.goto("/admin/audit/rowchange/")
    assert find_overflows(page) == []
    expect(page.get_by_text("Contoso directory → Company directory").first).to_be_visible()
