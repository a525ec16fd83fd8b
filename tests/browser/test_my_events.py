"""A newcomer's way with the company account: sign in, register without typing, race, see what it came to, leave."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from events.models import Event, SponsoringAccount
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from participants.models import Registration
from participants.tasks import sync_account
from tests.browser.conftest import OpenPage
from tests.portal.scenes import path_of, portal_path, sign_up, stage_event
from tests.support.convergence import settle
from tests.support.factories import IdentityProviderFactory
from tests.support.looking import DESKTOP, LONGEST_WAIT_MILLISECONDS, PHONE, SMALL, find_overflows
from tests.support.oidc_provider import put_person, run_provider
from tests.support.racing import advance, build_racing_account, join, train
from tests.support.sandbox import Sandbox
from tests.support.visitors import enter, session_of
from tests.support.world import build_event, build_organization, domain_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_provider() as address:
        yield address


def connect(organization: Organization, issuer: str) -> None:
    """Ann works there, and is called Lee by now."""
    domain = domain_of(organization)
    with organization_scope(organization.pk):
        IdentityProviderFactory(issuer=issuer, domains=[domain], name="Contoso account")
    put_person(issuer, "ann", email=f"ann@{domain}", given_name="Ann", family_name="Lee")


def sign_in(page: Page) -> None:
    """At the provider, whose page is not ours."""
    page.get_by_role("link", name="Sign in with your company account").click()
    page.get_by_role("link", name="Sign in with Contoso account").click()
    page.get_by_role("button", name="Ann Archer").click()


@pytest.fixture
def outside(browser: Browser, live_server: LiveServer, settings: Any) -> Iterator[Page]:
    """A page that may go to the provider, which is not ours."""
    settings.SITE_URL = live_server.url
    context = browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 850})
    page = context.new_page()
    page.set_default_timeout(LONGEST_WAIT_MILLISECONDS)
    yield page
    context.close()


def test_from_the_portal_to_the_hours_used(outside: Page, sandbox: Sandbox, issuer: str) -> None:
    organization = build_organization(sandbox)
    account = build_racing_account(sandbox, organization)
    event = build_event(organization, sponsoring_account=account, title="Pit Crew Challenge", requires_sign_in=True)
    connect(organization, issuer)
    page, headline = outside, outside.get_by_role("heading", level=1)

    page.goto(portal_path(event))
    expect(page.get_by_label("E-mail address")).to_have_count(0)
    sign_in(page)
    expect(headline).to_have_text("Pit Crew Challenge")
    for label, value in (("E-mail address", f"ann@{domain_of(organization)}"), ("Given name", "Ann")):
        expect(page.get_by_label(label)).to_have_value(value)
        expect(page.get_by_label(label)).not_to_be_editable()
    page.get_by_label("Racer alias").fill("ann-1")
    page.get_by_role("button", name="Register").click()
    expect(headline).to_have_text("You're registered")
    settle()
    expect(headline).to_have_text("You're in")

    race_for_an_hour(sandbox, event, account)
    page.get_by_role("link", name="My events").click()
    card = page.get_by_role("article", name="Pit Crew Challenge")
    expect(card).to_contain_text("You're in")
    expect(card).to_contain_text("1 h of 5 h")
    expect(card.get_by_role("link", name="Start racing in DeepRacer")).to_have_attribute("href", re.compile("/start/"))

    page.get_by_role("button", name="Sign out").click()
    expect(headline).to_have_text("You are signed out")
    page.goto(f"/my-events/{organization.slug}/")
    expect(headline).to_have_text("Sign in")


def race_for_an_hour(sandbox: Sandbox, event: Event, account: SponsoringAccount) -> None:
    with organization_scope(event.organization_id):
        Registration.objects.update(quota_minutes=300)
    join(sandbox, account, "ann-1")
    train(sandbox, account, "ann-1", minutes=60)
    advance(sandbox, 120)
    sync_account(organization_id=event.organization_id, account_id=account.pk)


def test_where_signing_in_is_a_choice_it_spares_the_typing(outside: Page, sandbox: Sandbox, issuer: str) -> None:
    organization = build_organization(sandbox)
    event = build_event(organization)
    connect(organization, issuer)
    outside.goto(portal_path(event))
    expect(outside.get_by_label("E-mail address")).to_be_editable()
    sign_in(outside)
    expect(outside.get_by_label("Family name")).to_have_value("Lee")
    outside.get_by_role("button", name="Register").click()
    expect(outside.get_by_role("heading", level=1)).to_have_text("You're registered")
    outside.goto(portal_path(event))
    expect(outside.get_by_role("heading", level=2, name="You're registered")).to_be_visible()


@pytest.mark.parametrize("is_owner", [True, False])
def test_a_place_is_given_up(open_page: OpenPage, is_owner: bool) -> None:
    event, client = stage_event(), Client()
    registration = sign_up(event)
    enter(client, event.organization)
    state = {"storage_state": session_of(client)} if is_owner else {}
    page = open_page(path_of(registration), width=PHONE, **state)
    page.get_by_role("link", name="Give up your place").click()
    page.get_by_role("button", name="Give up my place").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your access is being closed")


def test_nothing_scrolls_sideways(open_page: OpenPage) -> None:
    event, client = stage_event(title="Donaudampfschifffahrtsgesellschaftskapitänsmeisterschaft" * 2), Client()
    enter(client, event.organization, given_name="A" * 100, family_name="L" * 100)
    registration = sign_up(event, status="ready")
    for path in (portal_path(event), f"/my-events/{event.organization.slug}/", path_of(registration)):
        page = open_page(path, storage_state=session_of(client))
        assert find_overflows(page, SMALL, PHONE, DESKTOP) == [], path
