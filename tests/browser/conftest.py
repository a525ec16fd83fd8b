"""A real Chromium that complains: about errors in its console, and about anything that a page loads from elsewhere."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright
from pytest_django.live_server_helper import LiveServer

from paddock.accounts.models import User
from paddock.tenancy.scope import organization_scope
from tests.support.browser import find_chromium
from tests.support.factories import MembershipFactory
from tests.support.looking import DESKTOP, HEIGHT, LONGEST_WAIT_MILLISECONDS, PHONE
from tests.support.visitors import session_of

PASSWORD = "correct horse battery"
# An answer's status is for the test to judge; Chromium writes each one above 400 to the console.
STATUS_LINE = "Failed to load resource: the server responded with a status of 4"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ends with this folder's tests, because Playwright's event loop would stand in the way of others."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("There is no Chromium here.")
    # Playwright's event loop makes Django believe that its database calls are asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Complaints:
    """What pages said in their consoles, and what they asked others for."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.lines: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.lines.append(f"error: {error}"))
        page.on("request", self._note_request)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(STATUS_LINE):
            self.lines.append(f"{message.type}: {message.text}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:")):
            self.lines.append(f"request: {request.url}")


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """`open_page(path, width=DESKTOP, **options)` opens a page in a context of its own; complaints fail the test."""
    complaints = Complaints(live_server.url)
    contexts: list[BrowserContext] = []

    def open_page(path: str, *, width: int = DESKTOP, **options: object) -> Page:
        context = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": HEIGHT}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONGEST_WAIT_MILLISECONDS)
        complaints.watch(page)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints.lines == []


def open_admin(
    open_page: OpenPage, organization_id: int, *, role: str = "organizer", path: str = "/admin/", **options: object
) -> Page:
    """As Ann, who works for the organization and has just signed in; on a phone, where there is least room."""
    user = User.objects.create_user("ann@example.com", PASSWORD)
    with organization_scope(organization_id):
        MembershipFactory(user=user, role=role)
    client = Client()
    client.force_login(user)
    return open_page(path, **{"width": PHONE, "storage_state": session_of(client), **options})
