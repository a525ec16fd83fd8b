"""An organizer makes a race, sees it ready, tries its mail on themselves and sends it to those who are in."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from events.models import Race
from paddock.tenancy.scope import organization_scope
from participants.domain.races.addresses import find_url
from participants.domain.races.results import read_results
from participants.domain.status import status_path
from tests.browser.conftest import OpenPage, open_admin
from tests.support.convergence import settle
from tests.support.looking import find_overflows
from tests.support.racing import build_racing_account, submit
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAMES = ("bob", "cid")


def test_a_race_from_the_form_to_the_mailbox(open_page: OpenPage, sandbox: Sandbox) -> None:
    organization = build_organization(sandbox)
    account = build_racing_account(sandbox, organization)
    event = build_event(organization, sponsoring_account=account, title="Summer Cup")
    registrations = [sign_up(event, name) for name in NAMES]
    settle()

    page = open_admin(open_page, organization.pk)
    page.goto(f"/admin/events/race/add/?event={event.pk}")
    page.locator("[name=name]").fill("Spring race")
    opens_at = timezone.now() - timedelta(hours=1)
    for field, moment in (("opens_at", opens_at), ("closes_at", opens_at + timedelta(days=2))):
        page.locator(f"[name={field}_0]").fill(f"{moment:%Y-%m-%d}")
        page.locator(f"[name={field}_1]").fill(f"{moment:%H:%M:%S}")
    page.locator("[name=track]").select_option(index=1, force=True)
    assert find_overflows(page) == []
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("Paddock is making it")).to_be_visible()
    settle()
    page.reload()
    expect(page.get_by_label("Where the race stands").get_by_text("Ready")).to_be_visible()
    with organization_scope(organization.pk):
        race = Race.objects.select_related("sponsoring_account").get()
        address = find_url(race)
    expect(page.get_by_text(address)).to_be_visible()

    submit(sandbox, account, race.service_id, [{"alias": "guest", "time_ms": 31_250}])
    with organization_scope(organization.pk):
        read_results(race_id=race.pk)
    page.reload()
    expect(page.get_by_label("Leaderboard").get_by_text("0:31.250")).to_be_visible()
    assert find_overflows(page) == []

    page.goto(f"/admin/events/race/bulk/mail_race/?id={race.pk}")
    page.locator("[name=subject]").fill("Off you go, {{given_name}}")
    page.get_by_role("button", name="Show the mail").click()
    expect(page.frame_locator("iframe").get_by_role("link", name="Go to the race")).to_be_visible()
    assert find_overflows(page) == []
    page.get_by_role("button", name="Send a test to me").click()
    expect(page.get_by_text("A test is on its way to ann@example.com")).to_be_visible()
    page.get_by_role("button", name="Send: 2 people").click()
    expect(page.get_by_text("0 of 2 done")).to_be_visible()
    settle()
    expect(page.get_by_text("2 of 2 done")).to_be_visible()

    mails = [mail for mail in sandbox.mailbox() if mail["subject"].startswith("Off you go")]
    people = [each.participant for each in registrations]
    assert {mail["to"] for mail in mails} == {"ann@example.com", *(person.email for person in people)}
    assert {mail["subject"] for mail in mails} == {f"Off you go, {person.given_name}" for person in people}
    assert all(f"Go to the race: {address}" in mail["text"] for mail in mails)

    with organization_scope(organization.pk):
        path = status_path(registrations[0])
    page.goto(path)
    expect(page.get_by_role("link", name="Spring race")).to_have_attribute("href", address)
    page.goto(f"/e/{organization.slug}/{event.slug}/")
    expect(page.get_by_text("Spring race")).to_be_visible()
    assert race.token not in page.content()
