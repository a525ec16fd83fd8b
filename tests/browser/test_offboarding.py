"""Ending an event in the admin, from the question to the proof."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from events.models import Event
from paddock.tenancy.scope import organization_scope
from participants.domain.offboarding.ending import end_event
from participants.models import Registration, Step
from tests.admin.stage import Tenant, build_tenant, enter
from tests.browser.conftest import OpenPage, open_admin
from tests.support.looking import find_overflows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REASON = "Given up after 12 attempts. The service took the change, but still shows a quota 300 minutes, 10 models."


def take_back(tenant: Tenant) -> None:
    """What workers would do, for all but one person's quota."""
    with organization_scope(tenant.organization.pk):
        steps = Step.objects.filter(kind__startswith="remove_")
        steps.update(state="done", done_at=timezone.now(), detail="Read back: as it should be.")
        bob = Registration.objects.get(participant__email="bob@contoso.example")
        steps.filter(registration=bob, kind="remove_quota").update(state="failed", done_at=None, detail=REASON)


def test_ending_an_event(open_page: OpenPage) -> None:
    tenant = build_tenant("Contoso")
    enter(tenant.event, "bob@contoso.example")
    page = open_admin(open_page, tenant.organization.pk)
    page.goto(f"/admin/events/event/{tenant.event.pk}/offboarding/")
    expect(page.get_by_text("Nobody has been removed.")).to_be_visible()
    page.get_by_role("link", name="End event…").click()
    page.get_by_label("End it although it is still running").check()
    page.get_by_label("Delete them").check()
    page.get_by_label("Reason").fill("The race is over")
    page.get_by_role("button", name="Show who changes").click()
    page.get_by_role("textbox").fill("2")
    page.get_by_role("button", name="End event for: 2 people").click()
    expect(page.get_by_text("0 of 16 done")).to_be_visible()
    take_back(tenant)
    page.goto(f"/admin/events/event/{tenant.event.pk}/offboarding/")
    expect(page.get_by_text("1 quarantined.")).to_be_visible()
    expect(page.get_by_text("Given up after 12 attempts.")).to_be_visible()
    page.get_by_role("button", name="Retry all that is quarantined").click()
    expect(page.get_by_text("1 step is tried again now.")).to_be_visible()
    expect(page.get_by_text("1 to go.")).to_be_visible()
    with organization_scope(tenant.organization.pk):
        Step.objects.filter(kind="remove_quota").update(
            state="done", done_at=timezone.now(), detail="Read back: quota 0."
        )
    expect(page.get_by_text("All gone, and read back.")).to_be_visible()


def test_the_proof_fits_the_screen(open_page: OpenPage) -> None:
    tenant = build_tenant("Contoso")
    enter(tenant.event, "bob@contoso.example")
    with organization_scope(tenant.organization.pk):
        end_event(event=Event.objects.get(), keeps_models=False, actor=None, reason="The race is over")
    take_back(tenant)
    page = open_admin(open_page, tenant.organization.pk)
    page.goto(f"/admin/events/event/{tenant.event.pk}/offboarding/")
    page.get_by_text("When, and how it was read back").last.click()
    assert find_overflows(page) == []
