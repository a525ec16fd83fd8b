"""The preflight in a browser: one button, lines that come by themselves, a verdict; nothing scrolls sideways."""

import pytest
from playwright.sync_api import expect

from events.models import Event
from paddock.tenancy.scope import organization_scope
from participants.domain.preflight.running import carry_out
from participants.models import PreflightRun
from tests.admin.stage import build_tenant
from tests.browser.conftest import OpenPage, open_admin
from tests.support.looking import find_overflows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def event(transactional_db: None) -> Event:
    """Of an organization whose providers nobody reaches: most lines are red."""
    return build_tenant("Contoso").event


def carry_out_last(event: Event) -> None:
    """As a worker does while the page is open."""
    with organization_scope(event.organization_id):
        run = PreflightRun.objects.filter(event=event).latest("started_at")
        carry_out(run_id=run.pk)


def test_one_button_and_the_lines_come(open_page: OpenPage, event: Event) -> None:
    page = open_admin(open_page, event.organization_id)
    page.goto(f"/admin/events/event/{event.pk}/change/")
    page.get_by_role("link", name="Preflight").first.click()
    expect(page.get_by_text("Not looked at yet.")).to_be_visible()
    page.get_by_role("button", name="Run the preflight").click()
    expect(page.get_by_text("Looking… 0 of")).to_be_visible()
    carry_out_last(event)
    expect(page.get_by_text("Not ready:")).to_be_visible()
    expect(page.locator('[data-line="publication"][data-light="green"]')).to_be_visible()
    expect(page.locator('[data-line="races"][data-light="amber"]')).to_contain_text("There is no race yet.")
    expect(page.get_by_role("button", name="Run it again")).to_be_visible()
    expect(page.get_by_text("by ann@example.com")).to_be_visible()


def test_viewers_look_and_do_not_touch(open_page: OpenPage, event: Event) -> None:
    page = open_admin(open_page, event.organization_id, role="viewer")
    page.goto(f"/admin/events/event/{event.pk}/preflight/")
    expect(page.get_by_role("heading", name="Forecast")).to_be_visible()
    assert page.get_by_role("button", name="Run the preflight").count() == 0


def test_nothing_scrolls_sideways(open_page: OpenPage, event: Event) -> None:
    page = open_admin(open_page, event.organization_id)
    with organization_scope(event.organization_id):
        PreflightRun.objects.create(event=event, lines=[])
    carry_out_last(event)
    page.goto(f"/admin/events/event/{event.pk}/preflight/")
    expect(page.get_by_text("Not ready:")).to_be_visible()
    assert find_overflows(page) == []
