"""A webhook in a browser: added, its secret seen once, tested, its answer watched; nothing scrolls sideways."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from events.models import Event
from paddock.tenancy.scope import organization_scope
from participants.models import WebhookDelivery
from participants.tasks import send_webhook_test
from tests.admin.stage import build_tenant
from tests.browser.conftest import OpenPage, open_admin
from tests.support.hooks import Receiver, Reply, receiving
from tests.support.looking import find_overflows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def event(transactional_db: None) -> Event:
    return build_tenant("Contoso").event


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def send_what_is_asked_for(event: Event) -> None:
    """As a worker does while the page is open."""
    with organization_scope(event.organization_id):
        delivery = WebhookDelivery.objects.latest("id")
    send_webhook_test(organization_id=event.organization_id, delivery_id=delivery.pk)


def test_from_an_address_to_an_answer(open_page: OpenPage, event: Event, receiver: Receiver) -> None:
    receiver.always(Reply(503, body=b'{"error": "we are closed on Sundays"}'))
    page = open_admin(open_page, event.organization_id, role="owner")
    page.goto("/admin/participants/webhookendpoint/add/")
    page.get_by_label("URL").fill(receiver.url())
    page.get_by_label("Description").fill("The CRM")
    page.locator("[name=reason]").fill("The CRM wants to know.")
    page.get_by_role("button", name="Save", exact=True).click()
    secret = page.get_by_label("Secret", exact=True).text_content() or ""
    page.get_by_role("link", name="I have it").click()
    expect(page.get_by_text("What it was told")).to_be_visible()
    assert secret not in page.content()
    page.get_by_text("more_horiz").first.click()
    page.get_by_role("link", name="Send a test").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Nothing has been sent yet.")).to_be_visible()
    send_what_is_asked_for(event)
    expect(page.get_by_text("we are closed on Sundays")).to_be_visible()
    assert receiver.arrivals[0].verify(secret)
    assert find_overflows(page) == []
    for path in ("webhookdelivery/", "webhookendpoint/", "webhookendpoint/add/"):
        page.goto(f"/admin/participants/{path}")
        assert find_overflows(page) == [], path
