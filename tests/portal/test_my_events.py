"""Everything that one person has in an organization, and nothing of anybody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event, SponsoringAccount
from paddock.tenancy.scope import organization_scope
from participants.domain.offboarding.ending import remove_participants
from participants.models import RacerProfile, Registration, TrainedModel, UsageDay
from tests.portal.scenes import add_race, path_of, portal_path, sign_up, stage_event
from tests.support.factories import OrganizationFactory
from tests.support.visitors import add_provider, enter

pytestmark = pytest.mark.django_db


def read(client: Client, event: Event) -> str:
    return " ".join(client.get(f"/my-events/{event.organization.slug}/").content.decode().split())


def use(registration: Registration, *, seconds: int, **fields: Any) -> None:
    """The ledger, and what the service said of the racer."""
    with organization_scope(registration.organization_id):
        profile = RacerProfile.objects.get(participant=registration.participant_id)
        RacerProfile.objects.filter(pk=profile.pk).update(**fields)
        UsageDay.objects.create(
            organization_id=registration.organization_id,
            profile=profile,
            event=registration.event,
            day=timezone.now().date(),
            training_seconds=seconds,
            training_hour_price=1,
            storage_gigabyte_month_price=1,
            as_of=timezone.now(),
        )


def change(registration: Registration, **fields: Any) -> None:
    with organization_scope(registration.organization_id):
        Registration.objects.filter(pk=registration.pk).update(**fields)


def test_everything_about_an_event_is_on_it(client: Client) -> None:
    starts_at = datetime(2031, 5, 1, 8, 0, tzinfo=UTC)
    event = stage_event(
        title="Spring Sprint", time_zone="Europe/Berlin", starts_at=starts_at, ends_at=starts_at.replace(day=3)
    )
    add_race(event, name="Qualifying")
    registration = sign_up(event, status="ready")
    change(registration, quota_minutes=300, quota_models=10)
    use(registration, seconds=9000, model_count=3, queued_seconds=3600)
    look_at_accounts(event)
    enter(client, event.organization)
    page = read(client, event)
    for words in (
        f'<a href="{portal_path(event)}">Spring Sprint</a>',
        "Thursday 1 May 2031, 10:00",
        "(Europe/Berlin)",
        "You&#x27;re in",
        'href="https://d-1234567890.awsapps.com/start/#/console?account_id=',
        "<strong>2 h 30 min</strong> of 5 h",
        "2 h 30 min left; 1 h running or waiting now",
        "<strong>3</strong> of 10",
        '<a href="https://races.example/spring" rel="noreferrer">Qualifying</a>',
        f'href="{path_of(registration)}"',
        "Sign out</button>",
    ):
        assert words in page


def look_at_accounts(event: Event) -> None:
    with organization_scope(event.organization_id):
        SponsoringAccount.objects.update(synced_at=timezone.now())
        RacerProfile.objects.update(seen_at=timezone.now())


@pytest.mark.parametrize(
    ("listed", "quota", "words"),
    [
        (None, 10, "up to <strong>10</strong>"),
        (None, None, ""),
        (2, 10, "<strong>2</strong> of 10"),
        (2, None, "<strong>2</strong> kept, without a limit"),
    ],
)
def test_models_are_counted_where_the_service_tells_no_number(
    client: Client, listed: int | None, quota: int | None, words: str
) -> None:
    event = stage_event()
    registration = sign_up(event, status="ready")
    change(registration, quota_models=quota)
    use(registration, seconds=60)
    look_at_accounts(event)
    with organization_scope(event.organization_id):
        profile, seen_at = RacerProfile.objects.get(), timezone.now() - timedelta(hours=1)
        for number in range(listed or 0):
            TrainedModel.objects.create(profile=profile, service_id=str(number), status="ready", seen_at=seen_at)
    enter(client, event.organization)
    page = read(client, event)
    assert ("<dt>Models</dt>" in page) is bool(words)
    assert words in page
    assert "As DeepRacer said on" in page


@pytest.mark.parametrize(
    ("status", "headline", "words"),
    [
        ("registered", "You&#x27;re registered", "We are opening the way"),
        ("preparing", "Preparing your access", "We are opening the way"),
        ("failed", "We could not let you in yet", "Register again with the right one."),
    ],
)
def test_whoever_is_not_in_yet_gets_no_address(client: Client, status: str, headline: str, words: str) -> None:
    event = stage_event()
    add_race(event, name="Qualifying")
    sign_up(event, status=status)
    enter(client, event.organization)
    page = read(client, event)
    assert headline in page
    assert words in page
    assert "Qualifying" in page
    assert "awsapps.com" not in page
    assert "races.example" not in page


@pytest.mark.parametrize(
    ("frozen", "paused", "seconds", "words"),
    [
        ("event", True, 0, "Training is paused for everybody here"),
        ("account", False, 0, "Training is paused for everybody here"),
        ("", True, 18000, "The organizers have paused your training."),
        ("", False, 18000, "Your training hours are used up."),
        ("", False, 17999, "0 min left"),
    ],
)
def test_what_keeps_somebody_from_training_is_said(
    client: Client, frozen: str, paused: bool, seconds: int, words: str
) -> None:
    event, now = stage_event(), timezone.now()
    registration = sign_up(event, status="ready")
    change(registration, quota_minutes=300, paused_at=now if paused else None)
    use(registration, seconds=seconds)
    with organization_scope(event.organization_id):
        if frozen == "event":
            Event.objects.filter(pk=event.pk).update(frozen_at=now)
        if frozen == "account":
            SponsoringAccount.objects.update(frozen_at=now)
    enter(client, event.organization)
    page = read(client, event)
    assert words in page
    assert page.count("notice--calm") == (0 if words == "0 min left" else 1)


def test_events_stand_under_when_they_are(client: Client) -> None:
    now, ahead = timezone.now(), stage_event(title="Ahead")
    running = stage_event(organization=ahead.organization, title="Running", starts_at=now - timedelta(days=1))
    left = stage_event(organization=ahead.organization, title="Left", starts_at=now - timedelta(days=2))
    soon = stage_event(organization=ahead.organization, title="Soon", starts_at=now + timedelta(hours=1))
    for event in (ahead, running, left, soon):
        sign_up(event, status="ready")
    with organization_scope(ahead.organization_id):
        gone = Registration.objects.filter(event=left)
        remove_participants(registrations=gone, keeps_models=False, actor=None, reason="They left")
    enter(client, ahead.organization)
    page = read(client, ahead)
    order = [">Under way<", ">Running<", ">Coming up<", ">Soon<", ">Ahead<", ">Over<", ">Left<"]
    places = [page.index(word) for word in order]
    assert places == sorted(places)
    assert "Your access is being closed" in page


def test_whoever_has_nothing_is_told_how_to_begin(client: Client) -> None:
    event = stage_event(title="Somebody's race")
    sign_up(event, email="bob@contoso.example")
    enter(client, event.organization)
    page = read(client, event)
    assert "Nothing here yet" in page
    assert "register there while you are signed in" in page
    assert "race" not in page.replace("Contoso Racing", "")


def test_nothing_of_anybody_else_is_on_it(client: Client) -> None:
    event, elsewhere = stage_event(title="Mine"), stage_event(title="Elsewhere")
    bobs = stage_event(organization=event.organization, title="Only Bob's")
    for each, email in (
        (event, "ann@contoso.example"),
        (event, "bob@contoso.example"),
        (bobs, "bob@contoso.example"),
        (elsewhere, "ann@contoso.example"),
    ):
        sign_up(each, email=email, given_name=f"{email[:3]}-of-{each.pk}")
    bob, outsider = Client(), Client()
    enter(bob, event.organization, email="bob@contoso.example", given_name="Bob", subject="bob")
    enter(outsider, elsewhere.organization)
    enter(client, event.organization)
    read(bob, event), read(outsider, elsewhere)
    page = read(client, event)
    assert "Mine" in page
    assert page.count("<article") == 1
    assert [word for word in ("Only Bob", "bob@", "Elsewhere", "bob-of") if word in page] == []


def test_foreign_and_missing_organizations_lead_to_their_sign_in_alike(client: Client) -> None:
    event, foreign = stage_event(), OrganizationFactory()
    stranger, insider = Client(), client
    enter(insider, event.organization)
    add_provider(foreign)
    for visitor, slug in ((insider, foreign.slug), (insider, "missing"), (stranger, event.organization.slug)):
        answer = visitor.get(f"/my-events/{slug}/")
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/sign-in/{slug}/?next=%2Fmy-events%2F{slug}%2F"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Vary"] == "Cookie"


def test_it_is_kept_nowhere(client: Client) -> None:
    event = stage_event()
    enter(client, event.organization)
    assert client.get(f"/my-events/{event.organization.slug}/").headers["Cache-Control"] == "no-store"
    assert client.post(f"/my-events/{event.organization.slug}/").status_code == 405


def test_queries_do_not_grow_with_the_events(client: Client) -> None:
    first = stage_event()
    enter(client, first.organization)
    counts = []
    for number in (1, 2, 6):
        for _ in range(number):
            event = stage_event(organization=first.organization)
            add_race(event)
            registration = sign_up(event, status="ready")
        use(registration, seconds=60) if number == 1 else None
        read(client, first)
        with CaptureQueriesContext(connection) as queries:
            page = read(client, first)
        counts.append(len(queries))
    assert page.count("<article") == 9
    assert len(set(counts)) == 1, counts
