"""An event's intake in a browser: tried, started, and what needs a hand; nothing scrolls sideways."""

import pytest
from playwright.sync_api import expect

from events.domain.questions import add_built_in_questions
from events.models import IntakeAnswer, Question
from paddock.tenancy.scope import organization_scope
from participants.demonstration.portal import list_items
from tests.browser.conftest import OpenPage, open_admin
from tests.support.looking import find_overflows
from tests.support.portals import Portal, build_portal
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def portal(sandbox: Sandbox) -> Portal:
    """The demonstration's."""
    portal = build_portal(sandbox, *list_items(), is_enabled=False)
    with organization_scope(portal.organization.pk):
        add_built_in_questions(event=portal.event)
        question = Question.objects.get(event=portal.event, key="ai_ml_level")
        words = {"new": "New to it", "some": "Some knowledge", "daily": "Working with it"}
        IntakeAnswer.objects.create(intake=portal.intake, attribute="aiMlLevel", question=question, words=words)
    return portal


def test_tried_started_and_looked_at(open_page: OpenPage, portal: Portal) -> None:
    page = open_admin(open_page, portal.organization.pk)
    address = f"/admin/events/event/{portal.event.pk}/intake/"
    page.goto(address)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", name="How it would be read")).to_be_visible()
    expect(page.get_by_text("Adele Nkemdirim")).to_be_visible()
    assert find_overflows(page) == []
    page.get_by_role("button", name="Start reading").click()
    expect(page.get_by_text("About to read the table.")).to_be_visible()
    portal.read()
    expect(page.get_by_text("Up to date: whoever registers")).to_be_visible()  # by itself
    page.goto(address)
    expect(page.get_by_text("There is no “email”.")).to_be_visible()
    page.get_by_text("What the portal has").first.click()
    assert find_overflows(page) == []
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Try the chosen ones again").click()
    expect(page.get_by_text("1 item is tried again now.")).to_be_visible()
    page.get_by_role("link", name="Table and attributes").click()
    expect(page.get_by_label("E-mail address")).to_have_value("email")
    assert find_overflows(page) == []
