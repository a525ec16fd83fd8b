"""What a newcomer does: register on the portal, read the mail, sign in at the deployment's page with what it says."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import OpenPage
from tests.portal.scenes import portal_path
from tests.support.convergence import settle
from tests.support.racing import build_racing_account
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, domain_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OWN_PASSWORD = "Chosen-by-me-1"


def test_from_register_to_a_training(open_page: OpenPage, browser: Browser, sandbox: Sandbox) -> None:
    organization = build_organization(sandbox)
    account = build_racing_account(sandbox, organization, kind="deepracer_on_aws")
    event = build_event(organization, sponsoring_account=account, title="Cloud Cup")
    email = f"ann@{domain_of(organization)}"

    page = open_page(portal_path(event), width=390)
    expect(page.get_by_text("A mail tells you how to sign in to DeepRacer.")).to_be_visible()
    for label, value in (("E-mail address", email), ("Given name", "Ann"), ("Family name", "Lee")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're registered")
    settle()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're in")
    expect(page.get_by_text("Sign in as our mail to you says")).to_be_visible()
    way_in = page.get_by_role("link", name="Start racing in DeepRacer")
    expect(way_in).to_have_attribute("href", account.site_url)

    # The mailbox and the deployment are not ours, so nothing watches what their pages load.
    context = browser.new_context(viewport={"width": 390, "height": 850})
    outside = context.new_page()
    outside.goto(f"{sandbox.url}/mailbox")
    outside.get_by_role("link", name=re.compile("You're in: Cloud Cup")).click()
    mail = outside.locator("main").inner_text()
    password = re.search(r"\b\w{4}_\w{4}_\w{4}\b", mail)
    assert password, mail
    outside.goto(account.site_url)
    outside.get_by_label("E-mail address").fill(email)
    outside.get_by_label("Password").fill(password[0])
    outside.get_by_role("button", name="Sign in").click()
    outside.get_by_label("New password").fill(OWN_PASSWORD)
    outside.get_by_role("button", name="Save and sign in").click()
    expect(outside.get_by_role("heading", level=1)).to_have_text("Welcome, Ann-Lee")
    outside.get_by_role("button", name=re.compile("Train for")).click()
    expect(outside.get_by_text("training-1")).to_be_visible()
    context.close()
