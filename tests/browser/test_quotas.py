"""An organizer gives several people more minutes and pauses everybody, sees who changes, and watches it happen."""

import pytest
from playwright.sync_api import expect

from paddock.tenancy.scope import organization_scope
from participants.domain.usage.syncing import sync_account
from participants.models import Registration
from tests.browser.conftest import OpenPage, open_admin
from tests.support.convergence import settle
from tests.support.looking import find_overflows
from tests.support.racing import build_racing_account, find_profile, join
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAMES = ("ann", "ben", "cid")


def test_more_minutes_for_two_and_a_pause_for_all(open_page: OpenPage, sandbox: Sandbox) -> None:
    organization = build_organization(sandbox)
    account = build_racing_account(sandbox, organization)
    event = build_event(organization, sponsoring_account=account)
    for name in NAMES:
        sign_up(event, name, racer_alias=name)
    join(sandbox, account, *NAMES)
    with organization_scope(organization.pk):
        sync_account(account_id=account.pk)
    settle()

    page = open_admin(open_page, organization.pk)
    page.goto("/admin/participants/registration/")
    for name in ("Ann Racer", "Ben Racer"):
        page.get_by_role("row").filter(has_text=name).get_by_role("checkbox").check()
    page.get_by_label("Select action to run").select_option("change_quota")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Chosen: 2 registrations")).to_be_visible()
    page.locator("[name=minutes_how]").select_option("set")
    page.locator("[name=minutes]").fill("240")
    page.get_by_label("Reason").fill("They teach the others")
    page.get_by_role("button", name="Show who changes").click()

    expect(page.get_by_role("row").filter(has_text="ben@")).to_contain_text("240 min")
    expect(page.get_by_text("cid@")).to_have_count(0)
    page.get_by_role("button", name="Change quotas: 2 people").click()
    expect(page.get_by_text("0 of 2 done")).to_be_visible()
    settle()
    expect(page.get_by_text("2 of 2 done")).to_be_visible()  # the page has asked by itself
    assert [find_profile(sandbox, account, name)["max_minutes"] for name in NAMES[:2]] == [240, 240]

    page.goto(f"/admin/events/event/{event.pk}/pause/")
    page.get_by_label("Reason").fill("Maintenance")
    page.get_by_role("button", name="Show who changes").click()
    expect(page.get_by_role("cell", name="May train")).to_have_count(len(NAMES))
    assert find_overflows(page) == []
    page.get_by_role("button", name="Pause: 3 people").click()
    expect(page.get_by_text("0 of 3 done")).to_be_visible()
    settle()
    expect(page.get_by_text("3 of 3 done")).to_be_visible()
    assert {find_profile(sandbox, account, name)["state"] for name in NAMES} == {"RESTRICTED"}
    with organization_scope(organization.pk):
        assert not Registration.objects.filter(paused_at=None).exists()
