"""Many people at one door in one moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from events.domain.lookup import load_event
from events.models import Event
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from participants.domain import registration as door
from participants.domain.applicants import Applicant
from participants.domain.registration import RegistrationRefused, register
from participants.models import Participant, Registration
from tests.support.factories import EventFactory, OrganizationFactory

pytestmark = pytest.mark.django_db(transaction=True)

PLACES_LEFT = 10
CROWD = 200
# How often the control tries to see the race; seeing it once is enough.
ROUNDS = 40


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


def build_event(organization: Organization, **fields: Any) -> Event:
    with organization_scope(organization.pk):
        event: Event = EventFactory(**fields)
        return load_event(event.pk)


def applicant(name: str) -> Applicant:
    return Applicant(email=f"{name}@contoso.example", given_name=name, family_name="Fast", racer_alias="", answers={})


def register_at_once(entries: list[tuple[Event, Applicant]]) -> list[bool | None]:
    """Everybody in a thread and a connection of their own. For each: is the registration new; None if refused."""
    barrier = Barrier(len(entries))
    with ThreadPoolExecutor(len(entries)) as pool:
        return list(pool.map(lambda entry: enter(barrier, *entry), entries))


def enter(barrier: Barrier, event: Event, person: Applicant) -> bool | None:
    try:
        with organization_scope(event.organization.pk):
            barrier.wait(timeout=60)
            _, is_new = register(event=event, applicant=person)
            return is_new
    except RegistrationRefused:
        return None
    finally:
        connection.close()


def count_registrations(event: Event) -> int:
    with organization_scope(event.organization.pk):
        return Registration.objects.filter(event=event).count()


def rush(organization: Organization) -> int:
    """Let the crowd rush at the places left and return how many got in."""
    event = build_event(organization, capacity=PLACES_LEFT + 1)
    register_at_once([(event, applicant("early"))])
    answers = register_at_once([(event, applicant(f"racer{number}")) for number in range(CROWD)])
    admitted = answers.count(True)
    assert count_registrations(event) == admitted + 1
    return admitted


def test_last_places_are_given_once(organization: Organization) -> None:
    assert rush(organization) == PLACES_LEFT


def test_without_the_lock_places_are_given_twice(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: it is the lock, and not luck, that keeps the crowd out."""
    monkeypatch.setattr(door, "lock_event", lambda event: None)
    assert any(rush(organization) > PLACES_LEFT for _ in range(ROUNDS))


def test_one_person_many_times_is_one_registration(organization: Organization) -> None:
    event = build_event(organization)
    spellings: list[Callable[[str], str]] = [str.lower, str.upper, str.title]
    entries = [(event, applicant(spellings[number % len(spellings)]("ann"))) for number in range(20)]
    assert sorted(register_at_once(entries)) == [False] * 19 + [True]
    assert count_registrations(event) == 1


def test_new_person_in_two_events_is_one_participant(organization: Organization) -> None:
    events = [build_event(organization), build_event(organization)]
    for number in range(10):
        answers = register_at_once([(event, applicant(f"racer{number}")) for event in events])
        assert answers == [True, True]
    with organization_scope(organization.pk):
        assert Participant.objects.count() == 10
