"""An event's dashboard and its statistics in a real browser, with some thirty racers."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from paddock.tenancy.scope import organization_scope
from participants.models import Step
from tests.admin.stage import Tenant, build_tenant
from tests.browser.conftest import OpenPage, open_admin
from tests.support.busy import fill_event
from tests.support.looking import DESKTOP, find_faults, find_overflows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Of the frame that Unfold puts around every page, which has no landmarks.
OF_THE_FRAME = {"landmark-one-main", "landmark-unique", "region"}


@pytest.fixture
def busy() -> Tenant:
    tenant = build_tenant("Contoso")
    fill_event(tenant)
    return tenant


def test_from_the_pit_wall_to_the_numbers_behind_it(busy: Tenant, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_admin(open_page, busy.organization.pk, width=DESKTOP)
    page.get_by_role("link", name="Contoso Cup", exact=True).click()
    expect(page.get_by_role("img", name="Hours of training a day")).to_be_visible()
    expect(page.get_by_role("img", name="Spent so far")).to_be_visible()
    page.locator("#dashboard-charts summary").first.click()
    expect(page.get_by_role("region", name="Hours of training a day, as a table")).to_be_visible()

    page.get_by_label("Pages of the event").get_by_role("link", name="Statistics").click()
    expect(page.get_by_role("heading", name="Who was new")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    path = tmp_path / "statistics.csv"
    download.value.save_as(path)
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[1][:3] == ["Everybody", "Everybody", "31"]


def test_the_page_follows_what_happens(busy: Tenant, open_page: OpenPage) -> None:
    page = open_admin(open_page, busy.organization.pk, width=DESKTOP)
    page.goto(f"/admin/events/event/{busy.event.pk}/dashboard/")
    expect(page.get_by_text("2 failed")).to_be_visible()
    with organization_scope(busy.organization.pk):
        Step.objects.filter(state=Step.State.FAILED).update(state=Step.State.DONE)
    expect(page.get_by_text("2 failed")).to_have_count(0)


def test_looks(busy: Tenant, open_page: OpenPage) -> None:
    page = open_admin(open_page, busy.organization.pk)
    event = f"/admin/events/event/{busy.event.pk}"
    for address in ("/admin/", f"{event}/dashboard/", f"{event}/statistics/"):
        page.goto(address)
        assert find_overflows(page) == [], address
        assert [fault for fault in find_faults(page) if fault[2] not in OF_THE_FRAME] == [], address
