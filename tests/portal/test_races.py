"""Races on the portal: everybody sees which there are, and those who are in see how to get there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Event, Race, SponsoringAccount
from paddock.tenancy.scope import organization_scope
from participants.models import Registration
from tests.portal.scenes import add_race, path_of, portal_path, sign_up, stage_event
from tests.support.factories import SponsoringAccountFactory
from tests.support.world import account_of

pytestmark = pytest.mark.django_db

TOKEN = "the-invitation-of-this-race"
HTML = {"Accept": "text/html"}


def read(client: Client, path: str) -> str:
    return " ".join(client.get(path, headers=HTML).content.decode().split())


def add_made_race(event: Event, account: SponsoringAccount | None = None, **fields: Any) -> Race:
    return add_race(
        event,
        url="",
        sponsoring_account=account or account_of(event),
        service_id="arn:aws:deepracer::1:leaderboard/1",
        token=TOKEN,
        state=Race.State.READY,
        **fields,
    )


def test_public_page_names_races_and_no_address(client: Client) -> None:
    event = stage_event(time_zone="Europe/Berlin")
    opens_at = datetime(2031, 5, 1, 8, 0, tzinfo=UTC)
    add_made_race(event, opens_at=opens_at, closes_at=opens_at + timedelta(days=2), description="Two laps <b>each</b>")
    add_race(event, name="Elsewhere")
    page = read(client, portal_path(event))
    assert "Thursday 1 May 2031, 10:00" in page
    assert "(Europe/Berlin)" in page
    assert "&lt;b&gt;each" in page
    assert "Elsewhere" in page
    assert TOKEN not in page
    assert "races.example" not in page


@pytest.mark.parametrize(
    ("status", "sees"), [("registered", False), ("preparing", False), ("failed", False), ("ready", True)]
)
def test_addresses_are_for_those_who_are_in(client: Client, status: str, *, sees: bool) -> None:
    event = stage_event()
    add_made_race(event)
    add_race(event, name="Elsewhere")
    page = read(client, path_of(sign_up(event, status=status)))
    assert "Spring race" in page
    assert (f"#raceToken/{TOKEN}" in page) is sees
    assert ("https://races.example/spring" in page) is sees


def test_whoever_was_removed_is_not_let_in(client: Client) -> None:
    event = stage_event()
    add_made_race(event)
    registration = sign_up(event, status="ready")
    with organization_scope(event.organization_id):
        Registration.objects.filter(pk=registration.pk).update(removed_at=timezone.now())
    assert TOKEN not in read(client, path_of(registration))


def test_race_that_is_over_leads_nowhere(client: Client) -> None:
    event = stage_event()
    add_made_race(event, closes_at=timezone.now() - timedelta(hours=1))
    page = read(client, path_of(sign_up(event, status="ready")))
    assert "Over since" in page
    assert TOKEN not in page


def test_deployment_of_another_account_is_out_of_reach(client: Client) -> None:
    event = stage_event()
    with organization_scope(event.organization_id):
        other = SponsoringAccountFactory(kind="deepracer_on_aws", site_url="https://other.example/")
    add_race(event, name="Theirs", url="https://other.example/races/1", sponsoring_account=other)
    assert "Theirs" not in read(client, path_of(sign_up(event, status="ready")))
