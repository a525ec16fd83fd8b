"""Single sign-on as a browser lives it: forms from another site, redirects under our policy, and out again."""

import re

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from paddock.sso.connecting import describe_saml, fetch_metadata
from paddock.sso.models import ClaimRule, IdentityProvider
from paddock.tenancy.scope import organization_scope
from tests.browser.conftest import OpenPage
from tests.sso.stage import connect
from tests.support.looking import find_faults, find_overflows
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PEOPLE = [
    {
        "subject": "f-1",
        "email": "flora@fabrikam.example",
        "given_name": "Flora",
        "family_name": "Fox",
        "groups": ["crew"],
    }
]


def connect_sandbox(sandbox: Sandbox) -> IdentityProvider:
    sandbox.seed(saml=[{"slug": "fabrikam", "name": "Fabrikam", "people": PEOPLE}])
    address = f"{sandbox.url}/saml/fabrikam/metadata"
    found = describe_saml(fetch_metadata(address))
    provider = connect("Fabrikam", kind=IdentityProvider.Kind.SAML, metadata_url=address, **found)
    with organization_scope(provider.organization_id):
        ClaimRule.objects.create(provider=provider, claim="groups", value="crew", role="organizer")
    return provider


def test_from_the_admins_door_in_and_out(
    browser: Browser, live_server: LiveServer, sandbox: Sandbox, settings: LazySettings
) -> None:
    settings.SITE_URL = live_server.url
    connect_sandbox(sandbox)
    context = browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 850})
    page = context.new_page()
    page.goto("/admin/login/")
    page.get_by_label("Work address").fill("flora@fabrikam.example")
    page.get_by_role("button", name="Single sign-on").click()
    page.get_by_role("link", name="Sign in with").click()
    page.get_by_role("button", name="Flora Fox").click()
    expect(page).to_have_url(re.compile(r"/admin/$"), timeout=30_000)
    expect(page.locator("body")).to_contain_text("Fabrikam Racing")
    cookies = {each["name"]: each for each in context.cookies(live_server.url)}
    assert cookies["sessionid"]["httpOnly"]
    assert cookies["sessionid"]["sameSite"] == "Lax"
    page.locator("#logout-form").evaluate("form => form.submit()")
    page.get_by_role("link", name="Go there now").click()
    expect(page).to_have_url(re.compile(r"/signed-out/$"), timeout=30_000)
    page.goto("/admin/")
    expect(page).to_have_url(re.compile(r"/admin/login/"))
    context.close()


def test_pages_are_for_everybody(open_page: OpenPage) -> None:
    provider = connect()
    several = connect("Fabrikam")
    connect("Fabrikam", several.organization, name="Second")
    addresses = [f"/sign-in/{each.organization.slug}/" for each in (provider, several)]
    for address in [*addresses, "/signed-out/", f"/sso/oidc/{provider.key}/callback/?error=access_denied"]:
        page = open_page(address)
        assert find_faults(page) == [], address
        assert find_overflows(page) == [], address
    page = open_page(addresses[1])
    page.get_by_label("Work e-mail address").fill("ann@elsewhere.example")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("for addresses at elsewhere.example")).to_be_visible()
    assert find_faults(page) == []
