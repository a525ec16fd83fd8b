from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import expect

from events.models import Event
from paddock.tenancy.scope import organization_scope
from participants.models import RacerProfile, Registration
from tests.browser.conftest import OpenPage
from tests.portal.scenes import JOURNEYS, WINDOWS, ask, offer, path_of, portal_path, sign_up, stage_event
from tests.support.looking import find_faults
from tests.support.visitors import add_provider, enter, session_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def furnish(event: Event) -> Event:
    """Everything that an event page can hold."""
    ask(event, key="level", label="Your level?", help_text="Be honest.", kind="choice", choices=["New", "Expert"])
    ask(event, key="office", label="Your office?", kind="choice", choices=list("abcdefg"), required=True)
    ask(event, key="food", label="Your food?", kind="choices", choices=["Vegan", "Fish"], required=True)
    ask(event, key="why", label="Why?", kind="text")
    ask(event, key="laps", label="Laps?", kind="number")
    ask(event, key="new", label="New?", kind="yes_no", required=True)
    offer(event, group="Before", title="First lap", text="Read **this**.\n\n- first")
    offer(event, group="After", title="Notes", url="", text="## Later\n\n> said")
    return event


FURNITURE = {"summary": "One day.", "description": "## Day\n\nA [link](https://example.com) and `code`.\n\n- one\n"}


def test_event_pages(open_page: OpenPage) -> None:
    events = [furnish(stage_event(window=window, **FURNITURE)) for window in WINDOWS]
    events += [stage_event(requires_sign_in=True), stage_event(capacity=3)]
    signs_in = stage_event(requires_sign_in=True)
    add_provider(signs_in.organization)
    events += [signs_in, stage_event(organization=signs_in.organization)]
    for event in events:
        assert find_faults(open_page(portal_path(event))) == [], event.title


def test_form_with_errors(open_page: OpenPage) -> None:
    page = open_page(portal_path(furnish(stage_event())))
    page.get_by_role("button", name="Register").click()
    expect(page.locator("#error-summary")).to_be_visible()
    assert find_faults(page) == []


def test_status_pages(open_page: OpenPage) -> None:
    event = stage_event()
    for status in JOURNEYS:
        registration = sign_up(event, status=status, email=f"{status}@contoso.example")
        assert find_faults(open_page(path_of(registration))) == [], status


def test_pages_of_whoever_has_signed_in(open_page: OpenPage) -> None:
    event, ann, bob = furnish(stage_event(**FURNITURE)), Client(), Client()
    organization = event.organization
    enter(ann, organization)
    enter(bob, organization, subject="bob", email="bob@contoso.example", given_name="")
    for status in JOURNEYS:
        registration = sign_up(stage_event(organization=organization), status=status)
    with organization_scope(organization.pk):
        Registration.objects.update(quota_minutes=300, quota_models=9)
        Registration.objects.filter(pk=registration.pk).update(paused_at=now())
        RacerProfile.objects.update(model_count=3)
    mine = f"/my-events/{organization.slug}/"
    of_ann = [portal_path(registration.event), mine, path_of(registration), f"{path_of(registration)}withdraw/"]
    for client, paths in ((ann, of_ann), (bob, [portal_path(event), mine])):
        for path in paths:
            assert find_faults(open_page(path, storage_state=session_of(client))) == [], path


def test_home_and_error_pages(open_page: OpenPage, settings: Any) -> None:
    settings.SANDBOX_URL = "http://127.0.0.1:9"
    for path in ("/", "/nothing/"):
        assert find_faults(open_page(path)) == [], path
