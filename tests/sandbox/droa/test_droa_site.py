"""The deployment's own pages, as a racer meets them."""

import re

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.droa import world
from tests.sandbox.droa.world import ADMIN, PASSWORD, SITE, Account, Api
from tests.support.looking import find_faults, find_overflows
from tests.support.sandbox import Sandbox

ANN = "ann@contoso.example"


@pytest.fixture
def mailed_password(deployment: Sandbox, admin: Api) -> str:
    """Of an invitation to Ann."""
    admin.call("POST", "/profile", {"emailAddress": ANN})
    found = re.search(r"temporary password (\S+)\n", deployment.mailbox(to=ANN)[0]["text"])
    assert found is not None
    return found[1]


def post(deployment: Sandbox, page: str, **form: str) -> requests.Response:
    return requests.post(f"{deployment.url}{SITE}/{page}", data=form, timeout=60)


@pytest.mark.parametrize(
    ("email", "password", "seen"),
    [
        (ADMIN, PASSWORD, "You are signed in"),
        (ADMIN.upper(), PASSWORD, "You are signed in"),
        (ADMIN, "wrong", "is wrong"),
        ("nobody@contoso.example", PASSWORD, "is wrong"),
    ],
)
def test_who_gets_in(deployment: Sandbox, email: str, password: str, seen: str) -> None:
    with requests.Session() as session:
        address = f"{deployment.url}{SITE}/sign-in"
        answer = session.post(address, data={"email": email, "password": password}, timeout=60)
    assert seen in answer.text


def test_a_disabled_racer_is_told_so(deployment: Sandbox, account: Account) -> None:
    account.create_racer("abcdefghij12345", ANN)
    account.cognito.admin_disable_user(UserPoolId=world.POOL, Username=ANN)
    assert "is disabled" in post(deployment, "sign-in", email=ANN, password=PASSWORD).text


def test_a_forged_session_leads_back_to_the_start(deployment: Sandbox, mailed_password: str) -> None:
    answer = post(deployment, "password", email=ANN, session="forged", password="My-0wn-password")
    assert (answer.status_code, "took too long" in answer.text) == (403, True)
    assert "Sign in" in post(deployment, "train").text


def test_there_is_no_site_without_a_deployment(deployment: Sandbox) -> None:
    assert requests.get(f"{deployment.url}/droa/elsewhere/", timeout=60).status_code == 404


@pytest.mark.browser
def test_a_racer_comes_by_the_mail_and_trains(
    deployment: Sandbox, admin: Api, mailed_password: str, page: Page
) -> None:
    mail_id = deployment.mailbox(to=ANN)[0]["id"]
    page.goto(f"{deployment.url}/mailbox/{mail_id}")
    with page.expect_popup() as popup:
        page.frame_locator("iframe").get_by_role("link").click()
    site = popup.value
    site.get_by_label("E-mail address").fill(ANN)
    site.get_by_label("Password").fill(mailed_password)
    site.get_by_role("button", name="Sign in").click()
    site.get_by_label("New password").fill("short")
    site.get_by_role("button", name="Save and sign in").click()
    expect(site.get_by_role("alert")).to_contain_text("not long enough")
    site.get_by_label("New password").fill("My-0wn-password")
    site.get_by_role("button", name="Save and sign in").click()
    site.get_by_label("Your racer name").fill("Speedy")
    site.get_by_role("button", name="Save").click()
    expect(site.get_by_role("heading", name="Welcome, Speedy")).to_be_visible()
    site.get_by_role("button", name="Train for 30 minutes").click()
    expect(site.get_by_text("training-1")).to_be_visible()
    profile = admin.profile(ANN)
    assert (profile["alias"], profile["computeMinutesQueued"]) == ("Speedy", 30)
    admin.call("PATCH", "/profile", {"profileId": profile["profileId"], "maxTotalComputeMinutes": 30})
    site.get_by_role("button", name="Train for 30 minutes").click()
    expect(site.get_by_role("alert")).to_contain_text("minutes")
    site.get_by_role("button", name="Sign out").click()
    expect(site.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.browser
def test_the_pages_are_accessible(deployment: Sandbox, mailed_password: str, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{deployment.url}{SITE}/")
        for email, password in (("", ""), (ANN, mailed_password), (ADMIN, PASSWORD)):
            if email:
                page.goto(f"{deployment.url}{SITE}/")
                page.get_by_label("E-mail address").fill(email)
                page.get_by_label("Password").fill(password)
                page.get_by_role("button", name="Sign in").click()
            assert find_faults(page) == [], email
            assert find_overflows(page) == [], email
