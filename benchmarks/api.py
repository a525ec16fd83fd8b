"""The API: how near a bulk of registrations comes to writing the bare rows, and whether long lists are slower."""

import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.test import Client
from rest_framework.pagination import Cursor

from benchmarks.report import Figure, say
from events.models import Event, EventAccount
from integrations.chunks import chunks
from paddock.api.pagination import Pages
from paddock.tenancy.ownership import owning
from paddock.tenancy.scope import organization_scope
from participants.models import Participant, RacerProfile, Registration, Step
from tests.support.factories import EventFactory, OrganizationFactory
from tests.support.keys import make_key
from tests.support.sandbox import Sandbox
from tests.support.workers import Crew

BULK, ROUNDS = 1000, 5
SHORT, LONG, PAGE = 1_000, 100_000, 100
LOOKS = 15
STEPS = ["identity", "membership", "push", "access", "welcome"]


def measure_api(sandbox: Sandbox, crew: Crew) -> list[Figure]:
    rates, bare_rates = _measure_bulk()
    rate, bare = median(rates), median(bare_rates)
    say(f"{rate:.0f} registrations a second by the API, {bare:.0f} as bare rows: ratio {bare / rate:.2f}")
    growth = _measure_growth()
    return [
        Figure("api.bulk_registrations_per_second", rate, "registrations/s"),
        Figure("api.bulk_create_per_second", bare, "registrations/s"),
        Figure("api.bulk_vs_bare", bare / rate, "ratio", "<= 3"),
        Figure("api.list_growth", growth, "ratio", "<= 1.3"),
    ]


def _measure_bulk() -> tuple[list[float], list[float]]:
    """Calls of a thousand new people, alternating with the same rows by `bulk_create` into an event of its own."""
    event, yardstick = _build_event(), _build_event()
    partner, rates, bare_rates = _Partner(event), [], []
    for number in range(ROUNDS):
        people = [_person(number * BULK + each) for each in range(BULK)]
        began = time.monotonic()
        answer = partner.post("registrations/bulk/", {"registrations": people})
        rates.append(BULK / (time.monotonic() - began))
        assert {each["status"] for each in answer["results"]} == {201}
        began = time.monotonic()
        with organization_scope(yardstick.organization_id), transaction.atomic():
            _create_rows(yardstick, people)
        bare_rates.append(BULK / (time.monotonic() - began))
    return rates, bare_rates


def _measure_growth() -> float:
    """A page in the middle of a long list against one of a short list, in one organization each."""
    short, long = _fill(SHORT), _fill(LONG)
    with owning(connection), connection.cursor() as cursor:  # nobody else may, and autovacuum comes too late
        cursor.execute("vacuum analyze participants_registration, participants_participant, participants_step")
    looks = [(_time(short), _time(long)) for _ in range(LOOKS)]
    times = [median(look) for look in zip(*looks, strict=True)]
    say(f"a page of {PAGE}: {times[0] * 1000:.1f} ms of {SHORT:,} rows, {times[1] * 1000:.1f} ms of {LONG:,}")
    return times[1] / times[0]


def _fill(number: int) -> Callable[[], Any]:
    """An event with so many people. Returns what reads a page from the middle of its list."""
    event = _build_event()
    with organization_scope(event.organization_id):
        for chunk in chunks(range(number), 5000):
            _create_people(event, [_person(each) for each in chunk])
        _create_steps(event)
        middle = Registration.objects.order_by("id").values_list("id", flat=True)[number // 2]
    link = Pages()
    link.base_url = ""
    place = Cursor(offset=0, reverse=False, position=str(middle))  # type: ignore[arg-type]
    cursor = link.encode_cursor(place).partition("cursor=")[2]
    partner = _Partner(event)
    return lambda: partner.get(f"registrations/?page_size={PAGE}&cursor={cursor}")


def _create_people(event: Event, people: list[dict[str, str]]) -> list[Registration]:
    account = EventAccount.objects.get(event=event)
    participants = Participant.objects.bulk_create(
        Participant(email=each["email"], given_name=each["given_name"], family_name=each["family_name"])
        for each in people
    )
    RacerProfile.objects.bulk_create(
        RacerProfile(participant=each, sponsoring_account_id=account.sponsoring_account_id) for each in participants
    )
    return Registration.objects.bulk_create(
        Registration(event=event, participant=each, account=account) for each in participants
    )


def _create_rows(event: Event, people: list[dict[str, str]]) -> None:
    """What a registration consists of, without any rule."""
    Step.objects.bulk_create(
        Step(event=event, registration=each, kind=kind) for each in _create_people(event, people) for kind in STEPS
    )


def _create_steps(event: Event) -> None:
    """Of everybody, in one statement: hundreds of thousands are not worth the way through Python."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into participants_step (organization_id, event_id, registration_id, kind, state, due_at, attempts,"
            " detail, hint, updated_at) select organization_id, event_id, id, kind, 'blocked', now(), 0, '', '', now()"
            " from participants_registration, unnest(%s::text[]) as kind where event_id = %s",
            [STEPS, event.pk],
        )


def _build_event() -> Event:
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        event: Event = EventFactory(organization=organization)
    return event


def _person(number: int) -> dict[str, str]:
    return {"email": f"racer{number}@contoso.example", "given_name": "Racer", "family_name": f"No {number}"}


def _time(action: Callable[[], Any]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


class _Partner:
    """A program with a key, calling through the whole of the web application."""

    def __init__(self, event: Event) -> None:
        self._headers = {"Authorization": f"Bearer {make_key(event.organization)}"}
        self._root = f"/api/v1/organizations/{event.organization.slug}/events/{event.slug}/"
        self._client = Client()

    def get(self, path: str) -> Any:
        answer = self._client.get(self._root + path, headers=self._headers)
        assert len(answer.json()["results"]) == PAGE, answer.content
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self._client.post(
            self._root + path, json.dumps(body), content_type="application/json", headers=self._headers
        )
        assert answer.status_code == 200, answer.content
        return answer.json()
