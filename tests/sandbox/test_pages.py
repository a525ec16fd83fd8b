"""The pages for people: mailbox, access portal and the stand-in for the console."""

import smtplib
from email.message import EmailMessage
from urllib.parse import urlencode

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.world import CONSOLE, RACING_ACCOUNT
from tests.support.looking import find_faults, find_overflows
from tests.support.sandbox import Sandbox


def sign_in(sandbox: Sandbox, email: str, **target: str) -> requests.Response:
    form = {"email": email, "account_id": RACING_ACCOUNT, "role_name": "Racer", "destination": "", **target}
    return requests.Session().post(f"{sandbox.url}/start/sign-in", data=form, timeout=60)


def send(sandbox: Sandbox, *, subject: str = "Welcome", html: str = "<p>Come <a href='/'>in</a></p>") -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "events@paddock.example", "ann@contoso.example"
    message.set_content("Come in: https://paddock.example/")
    message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port) as smtp:
        smtp.send_message(message)


def test_the_deep_link_leads_to_its_destination(sandbox: Sandbox, racer: str) -> None:
    answer = sign_in(sandbox, racer, destination="https://console.aws.amazon.com/s3/buckets")
    assert answer.status_code == 200
    for expected in ("You are in: S3", RACING_ACCOUNT, "Racer", racer):
        assert expected in answer.text


def test_without_a_destination_the_relay_state_counts(sandbox: Sandbox, racer: str) -> None:
    assert "You are in: DeepRacer" in sign_in(sandbox, racer, role_name="").text


@pytest.mark.parametrize(
    ("email", "target", "reason"),
    [
        ("eve@contoso.example", {}, "does not exist in IAM Identity Center"),
        ("bob@contoso.example", {}, "in no group that is assigned to account"),
        ("ann@contoso.example", {"account_id": "999900001111"}, "in no group that is assigned to account"),
        ("ann@contoso.example", {"role_name": "Owner"}, "but not with the role Owner"),
    ],
)
def test_who_has_no_access_is_told_why(
    sandbox: Sandbox, racer: str, email: str, target: dict[str, str], reason: str
) -> None:
    answer = sign_in(sandbox, email, **target)
    assert answer.status_code == 403
    assert "You have no access" in answer.text
    assert reason in answer.text


def test_without_a_target_the_accounts_are_shown(sandbox: Sandbox, racer: str) -> None:
    page = sign_in(sandbox, racer, account_id="", role_name="").text
    assert "Your accounts" in page
    assert RACING_ACCOUNT in page


def test_the_console_wants_a_sign_in(sandbox: Sandbox, racer: str) -> None:
    answer = requests.get(f"{sandbox.url}/console", params={"account_id": RACING_ACCOUNT}, timeout=60)
    assert answer.history[0].headers["Location"] == f"/start/#/console?account_id={RACING_ACCOUNT}"


def test_an_unknown_portal_is_not_found(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.url}/start/elsewhere/", timeout=60).status_code == 404


@pytest.mark.browser
def test_a_person_follows_the_link(sandbox: Sandbox, racer: str, page: Page) -> None:
    target = {"account_id": RACING_ACCOUNT, "role_name": "Racer", "destination": CONSOLE}
    page.goto(f"{sandbox.url}/start/#/console?{urlencode(target)}")
    expect(page.get_by_text(f"account {RACING_ACCOUNT} as Racer")).to_be_visible()
    page.get_by_label("E-mail address").fill(racer)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="You are in: DeepRacer")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Access portal")).to_be_visible()


@pytest.mark.browser
def test_a_mail_is_read_and_its_link_opened(sandbox: Sandbox, page: Page) -> None:
    scripted = f"<p>Come <a href='{sandbox.url}/start/'>in</a></p><script>parent.document.title = 'stolen'</script>"
    send(sandbox, html=scripted)
    page.goto(f"{sandbox.url}/mailbox")
    page.get_by_role("searchbox", name="Mails to").fill("ann@")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Welcome").click()
    with page.expect_popup() as popup:
        page.frame_locator("iframe").get_by_role("link", name="in").click()
    expect(popup.value.get_by_role("heading", name="Access portal")).to_be_visible()
    expect(page).to_have_title("Welcome · Sandbox")


@pytest.mark.browser
def test_pages_are_accessible(sandbox: Sandbox, racer: str, browser: Browser) -> None:
    send(sandbox)
    mail_id = sandbox.mailbox()[0]["id"]
    console = f"/console?account_id={RACING_ACCOUNT}"
    with browser.new_context() as context:
        context.add_cookies([{"name": "sandbox_person", "value": racer, "url": sandbox.url}])
        page = context.new_page()
        for path in ("/", "/mailbox", f"/mailbox/{mail_id}", "/start/", "/start/accounts", console, f"{console}0"):
            page.goto(f"{sandbox.url}{path}")
            assert find_faults(page) == [], path
            assert find_overflows(page) == [], path
