"""Webhooks from what happens to what arrives, over a real wire: nothing lost, in order, and nobody held up."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks import WebhookVerificationError

from events.domain.lookup import load_event
from events.models import Event
from paddock.audit.models import AuditEntry
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.convergence.sweeping import free_stale_claims
from participants.domain.applicants import Applicant
from participants.domain.quotas.adjusting import KEEP, set_to
from participants.domain.quotas.changing import change_quota
from participants.domain.registration import register
from participants.domain.webhooks.delivering import PAUSES, deliver_test
from participants.domain.webhooks.disabling import enable
from participants.domain.webhooks.endpoints import rotate_secret
from participants.domain.webhooks.redelivering import redeliver, request_test
from participants.models import (
    Registration,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    WebhookNotice,
)
from participants.tasks import clean_webhook_log, deliver_webhooks
from tests.admin.stage import enter
from tests.support.factories import EventFactory, OrganizationFactory, UserFactory
from tests.support.hooks import Arrival, Receiver, Reply, receiving
from tests.support.waiting import wait_until
from tests.support.webhooks import deliver_all, deliver_due, describe, hurry, make_endpoint, turn_clock

pytestmark = pytest.mark.django_db(transaction=True)

State = WebhookDelivery.State


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def event(organization: Organization) -> Event:
    return open_event(organization)


def open_event(organization: Organization) -> Event:
    with organization_scope(organization.pk):
        return load_event(EventFactory().pk)


def give_minutes(registration: Registration, *numbers: int) -> None:
    """Something happens to somebody, once for each number."""
    with organization_scope(registration.organization_id):
        for number in numbers:
            change_quota(
                registrations=[registration.pk], minutes=set_to(number), models=KEEP, reason="A test.", actor=None
            )


def see(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    with organization_scope(endpoint.organization_id):
        return WebhookEndpoint.objects.get(pk=endpoint.pk)


def find_deliveries(endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
    with organization_scope(endpoint.organization_id):
        return list(WebhookDelivery.objects.filter(endpoint=endpoint).select_related("message").order_by("id"))


def start_worker(endpoint: WebhookEndpoint) -> threading.Thread:
    """Somebody else who delivers one batch."""

    def work() -> None:
        try:
            deliver_webhooks(organization_id=endpoint.organization_id, endpoint_id=endpoint.pk)
        finally:
            connection.close()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    return worker


def count_states(endpoint: WebhookEndpoint) -> Counter[str]:
    return Counter(each.state for each in find_deliveries(endpoint))


# --- from what happens to what arrives


def test_a_partner_verifies_what_arrives_with_the_library(event: Event, receiver: Receiver) -> None:
    endpoint = make_endpoint(event.organization, receiver)
    registration = enter(event, "ann@contoso.example")
    deliver_all()
    (arrival,) = receiver.arrivals
    message = arrival.verify(endpoint.secret)
    assert message["type"] == "registration.created"
    assert message["version"] == 1
    assert message["data"] == {
        "organization": event.organization.slug,
        "event": event.slug,
        "registration": str(registration.reference),
        "is_return": False,
    }
    assert arrival.headers["content-type"] == "application/json"
    assert arrival.headers["user-agent"].startswith("Paddock")
    with pytest.raises(WebhookVerificationError):
        arrival.verify("whsec_" + "A" * 43 + "=")
    with pytest.raises(WebhookVerificationError):
        Arrival(arrival.path, arrival.headers, arrival.body + b" ").verify(endpoint.secret)


def test_what_is_rolled_back_is_not_told(event: Event, receiver: Receiver) -> None:
    make_endpoint(event.organization, receiver)

    class Changed(Exception):
        pass

    with organization_scope(event.organization_id):
        with suppress(Changed), transaction.atomic():
            register(event=event, applicant=Applicant("ann@contoso.example", "Ann", "Racer", "", {}))
            raise Changed
        assert not WebhookMessage.objects.exists()
    deliver_all()
    assert receiver.arrivals == []


def test_endpoints_get_what_they_want(event: Event, receiver: Receiver) -> None:
    wants: dict[str, tuple[dict[str, Any], bool]] = {
        "/everything": ({}, True),
        "/this": ({"all_types": False, "types": ["quota.changed", "registration.created"]}, True),
        "/another": ({"all_types": False, "types": ["quota.changed"]}, False),
        "/off": ({"disabled_at": timezone.now()}, False),
    }
    for path, (fields, _) in wants.items():
        make_endpoint(event.organization, receiver, path, **fields)
    enter(event, "ann@contoso.example")
    deliver_all()
    assert sorted(each.path for each in receiver.arrivals) == sorted(path for path, (_, told) in wants.items() if told)
    with organization_scope(event.organization_id):
        assert WebhookMessage.objects.count() == 1


def test_nothing_is_written_down_where_nobody_wants_to_know(event: Event, receiver: Receiver) -> None:
    make_endpoint(event.organization, receiver, all_types=False, types=["budget.threshold"])
    give_minutes(enter(event, "ann@contoso.example"), 5)
    with organization_scope(event.organization_id):
        assert not WebhookMessage.objects.exists()


def test_a_stranger_hears_nothing(event: Event, receiver: Receiver) -> None:
    """The same things happen in another organization, whose endpoint is told of them alone."""
    stranger = open_event(OrganizationFactory())
    make_endpoint(event.organization, receiver, "/ours")
    theirs = make_endpoint(stranger.organization, receiver, "/theirs")
    ann, bob = enter(event, "ann@contoso.example"), enter(stranger, "bob@fabrikam.example")
    deliver_all()
    assert {(each.path, each.registration) for each in receiver.arrivals} == {
        ("/ours", str(ann.reference)),
        ("/theirs", str(bob.reference)),
    }
    with organization_scope(event.organization_id):
        for model in (WebhookEndpoint, WebhookMessage, WebhookDelivery, WebhookAttempt):
            assert not model.objects.exclude(organization=event.organization).exists()
            assert model.objects.count() == 1
        with pytest.raises(IntegrityError), transaction.atomic():
            WebhookDelivery.objects.create(endpoint_id=theirs.pk, message=WebhookMessage.objects.get())
        deliver_webhooks(organization_id=event.organization_id, endpoint_id=theirs.pk)
    assert len(receiver.arrivals) == 2


def test_telling_of_many_costs_no_more_statements(event: Event, receiver: Receiver) -> None:
    people = [enter(event, f"racer{number}@contoso.example") for number in range(12)]
    for number in range(3):
        make_endpoint(event.organization, receiver, f"/{number}")

    def count(chosen: list[Registration], minutes: int) -> int:
        with organization_scope(event.organization_id), CaptureQueriesContext(connection) as queries:
            change_quota(
                registrations=[each.pk for each in chosen], minutes=set_to(minutes), models=KEEP, reason="", actor=None
            )
        return len(queries)

    count(people[:1], 1)  # what is cached once is cached
    assert count(people[:1], 2) == count(people, 3)
    with organization_scope(event.organization_id):
        assert WebhookDelivery.objects.count() == (1 + 1 + 12) * 3


# --- at least once, and what it takes to fail


def test_retries_last_for_three_days_and_bear_the_same_id(event: Event, receiver: Receiver) -> None:
    endpoint = make_endpoint(event.organization, receiver)
    receiver.always(Reply(500, body=b"out of order"))
    enter(event, "ann@contoso.example")
    hours = 0.0
    for number, pause in enumerate(PAUSES, start=1):
        before = timezone.now()
        deliver_all()
        after = timezone.now()
        (delivery,) = find_deliveries(endpoint)
        assert (delivery.state, delivery.attempts, len(receiver.arrivals)) == (State.READY, number, number)
        assert before + timedelta(seconds=pause - 5) < delivery.due_at <= after + timedelta(seconds=pause + 5)
        turn_clock(event.organization, seconds=pause + 5)
        hours += pause / 3600
    assert 68 < hours <= 72
    deliver_all()
    (delivery,) = find_deliveries(endpoint)
    assert (delivery.state, len(receiver.arrivals)) == (State.FAILED, len(PAUSES) + 1)
    assert "10 attempts" in delivery.detail
    assert len({each.id for each in receiver.arrivals}) == 1
    for arrival in receiver.arrivals:
        assert arrival.verify(endpoint.secret)
    with organization_scope(event.organization_id):
        tries = WebhookAttempt.objects.filter(delivery=delivery)
        assert [(each.status, each.answer) for each in tries] == [(500, "out of order")] * 10
    assert see(endpoint).disabled_at
    assert "10 attempts" in see(endpoint).disabled_because


def test_gone_switches_the_endpoint_off_at_once(event: Event, receiver: Receiver) -> None:
    endpoint, other = make_endpoint(event.organization, receiver), make_endpoint(event.organization, receiver, "/other")
    receiver.answer = lambda arrival: Reply(410 if arrival.path == "/hook" else 200)
    registration = enter(event, "ann@contoso.example")
    give_minutes(registration, 10, 20)
    deliver_all()
    assert "410" in see(endpoint).disabled_because
    assert count_states(endpoint) == {State.FAILED: 3}
    assert sum(each.path == "/hook" for each in receiver.arrivals) == 1
    assert count_states(other) == {State.DONE: 3}
    give_minutes(registration, 30)
    deliver_all()
    assert count_states(endpoint) == {State.FAILED: 3}
    with organization_scope(event.organization_id):
        entry = AuditEntry.objects.get(action="switched a webhook off")
        assert (entry.actor_name, entry.changes) == ("Paddock: deliver webhooks", {"state": ["on", "off"]})
        assert WebhookNotice.objects.count() == 1


def test_answers_and_what_they_mean(event: Event, receiver: Receiver) -> None:
    accepted, refused = [200, 201, 202, 204, 299], [301, 307, 400, 401, 404, 408, 409, 422, 500, 502, 504]
    endpoints = {status: make_endpoint(event.organization, receiver, f"/{status}") for status in accepted + refused}
    receiver.answer = lambda arrival: Reply(int(arrival.path[1:]), {"Location": receiver.url("/elsewhere")}, b"")
    enter(event, "ann@contoso.example")
    deliver_all()
    states = {status: dict(count_states(endpoint)) for status, endpoint in endpoints.items()}
    assert states == {key: {State.DONE if key in accepted else State.READY: 1} for key in accepted + refused}
    receiver.always(Reply(200))
    hurry()
    deliver_all()
    assert all(count_states(endpoint) == {State.DONE: 1} for endpoint in endpoints.values())
    assert Counter(each.path for each in receiver.arrivals) == dict.fromkeys((f"/{each}" for each in accepted), 1) | (
        dict.fromkeys((f"/{each}" for each in refused), 2)
    )


def test_a_server_that_asks_for_a_pause_gets_one_for_everything(event: Event, receiver: Receiver) -> None:
    endpoint = make_endpoint(event.organization, receiver)
    receiver.always(Reply(503, {"Retry-After": "600"}))
    ann, bob = enter(event, "ann@contoso.example"), enter(event, "bob@contoso.example")
    deliver_due()
    seen = len(receiver.arrivals)
    give_minutes(ann, 5)
    give_minutes(bob, 5)
    deliver_all()
    assert len(receiver.arrivals) == seen
    turn_clock(event.organization, seconds=580)
    assert deliver_due() == 0
    receiver.always(Reply(200))
    turn_clock(event.organization, seconds=30)
    deliver_all()
    assert count_states(endpoint) == {State.DONE: 4}


def test_a_pause_can_be_asked_for_but_not_for_ever(event: Event, receiver: Receiver) -> None:
    endpoint = make_endpoint(event.organization, receiver)
    receiver.always(Reply(503, {"Retry-After": "99999999"}))
    enter(event, "ann@contoso.example")
    for _ in range(4):
        deliver_all()
        turn_clock(event.organization, hours=24, seconds=5)
    assert see(endpoint).disabled_at
    assert len(receiver.arrivals) == 4


def test_a_server_that_is_not_there_is_left_alone_for_a_while(event: Event) -> None:
    with receiving() as receiver:
        endpoint = make_endpoint(event.organization, receiver)
    for number in range(10):
        enter(event, f"racer{number}@contoso.example")
    deliver_all()
    with organization_scope(event.organization_id):
        tries = WebhookAttempt.objects.count()
    assert 1 <= tries <= 4  # those that were on their way at the same moment
    attempts = sorted(each.attempts for each in find_deliveries(endpoint))
    assert attempts == [0] * (10 - tries) + [1] * tries  # whatever there was no getting to has lost no attempt
    rests_until = see(endpoint).rests_until
    assert rests_until
    assert rests_until > timezone.now() + timedelta(seconds=50)


def test_a_worker_that_died_before_it_wrote_anything_down(event: Event, receiver: Receiver) -> None:
    """What it had sent is sent again, by the same id."""
    endpoint = make_endpoint(event.organization, receiver)
    enter(event, "ann@contoso.example")
    hold = threading.Event()
    receiver.always(Reply(hold=hold))
    (delivery,) = find_deliveries(endpoint)

    worker = start_worker(endpoint)
    wait_until(lambda: receiver.arrivals)
    with organization_scope(event.organization_id):  # its claim lapses, as a dead worker's does
        WebhookDelivery.objects.update(claimed_at=timezone.now() - timedelta(days=1))
    with across_tenants("a test plays the sweep"):
        assert free_stale_claims(WebhookDelivery) == 1
    receiver.always(Reply(200))
    deliver_all()
    assert count_states(endpoint) == {State.DONE: 1}
    hold.set()
    worker.join()
    assert [each.id for each in receiver.arrivals] == [delivery.message.key] * 2
    with organization_scope(event.organization_id):  # the late answer of the first one is void
        assert WebhookAttempt.objects.count() == 1


# --- order


def test_order_of_one_person_survives_failures_at_random(event: Event, receiver: Receiver) -> None:
    luck = random.Random()
    accepted: list[Arrival] = []

    def answer(arrival: Arrival) -> Reply:
        if luck.random() < 0.4:
            return Reply(luck.choice([500, 503, 404]))
        accepted.append(arrival)
        return Reply()

    receiver.answer = answer
    endpoint = make_endpoint(event.organization, receiver)
    people = [enter(event, f"racer{number}@contoso.example") for number in range(4)]
    for minutes in range(1, 4):
        for person in luck.sample(people, len(people)):
            give_minutes(person, minutes)
    while count_states(endpoint) != {State.DONE: 16}:
        assert not see(endpoint).disabled_at
        deliver_due()
        hurry()
        with organization_scope(event.organization_id):
            WebhookDelivery.objects.update(attempts=0)  # luck must not end their patience
    for person in people:
        told = [
            each.message["data"].get("minutes", 0) for each in accepted if each.registration == str(person.reference)
        ]
        assert told == [0, 1, 2, 3]


def test_nobody_waits_for_somebody_else(event: Event, receiver: Receiver) -> None:
    endpoint = make_endpoint(event.organization, receiver)
    ann, bob = enter(event, "ann@contoso.example"), enter(event, "bob@contoso.example")
    receiver.answer = lambda arrival: Reply(500 if arrival.registration == str(ann.reference) else 200)
    give_minutes(ann, 1)
    give_minutes(bob, 1)
    deliver_all()
    assert len(receiver.of(ann.reference)) == 1  # the second one waits for the first
    assert len(receiver.of(bob.reference)) == 2
    assert count_states(endpoint) == {State.DONE: 2, State.READY: 2}
    assert deliver_due() == 0, describe()  # and what waits for another is not due


# --- one endpoint and the others


def test_a_slow_endpoint_holds_up_nobody(event: Event, receiver: Receiver) -> None:
    stranger = open_event(OrganizationFactory())
    slow = make_endpoint(event.organization, receiver, "/slow")
    quick = make_endpoint(event.organization, receiver, "/quick")
    foreign = make_endpoint(stranger.organization, receiver, "/foreign")
    hold = threading.Event()
    receiver.answer = lambda arrival: Reply(hold=hold if arrival.path == "/slow" else None)
    enter(event, "ann@contoso.example")
    enter(stranger, "bob@fabrikam.example")

    worker = start_worker(slow)
    wait_until(lambda: receiver.arrivals)
    deliver_due()
    assert count_states(quick) == count_states(foreign) == {State.DONE: 1}
    assert count_states(slow) == {State.CLAIMED: 1}
    with organization_scope(event.organization_id):
        give_minutes(Registration.objects.get(), 7)
    deliver_webhooks(organization_id=event.organization_id, endpoint_id=slow.pk)  # a second batch does not begin
    assert sum(each.path == "/slow" for each in receiver.arrivals) == 1
    hold.set()
    worker.join()


# --- secrets


def test_rotation_signs_with_both_secrets_for_a_day(event: Event, receiver: Receiver) -> None:
    endpoint, owner = make_endpoint(event.organization, receiver), UserFactory()
    old = endpoint.secret
    registration = enter(event, "ann@contoso.example")
    with organization_scope(event.organization_id):
        new = rotate_secret(endpoint=endpoint, actor=owner, reason="It was in a chat.")
    assert new != old
    deliver_all()
    assert receiver.arrivals[-1].verify(old)
    assert receiver.arrivals[-1].verify(new)
    turn_clock(event.organization, hours=24)
    give_minutes(registration, 1)
    deliver_all()
    assert receiver.arrivals[-1].verify(new)
    with pytest.raises(WebhookVerificationError):
        receiver.arrivals[-1].verify(old)
    with organization_scope(event.organization_id):
        entry = AuditEntry.objects.get(action="made a new secret for a webhook")
        assert entry.reason == "It was in a chat."
        assert old not in str(entry.changes)
        assert new not in str(entry.changes)
        with connection.cursor() as cursor:
            cursor.execute("select secret || previous_secret from participants_webhookendpoint")
            stored = str(cursor.fetchone())
    assert old not in stored
    assert new not in stored


# --- by hand


def test_delivering_again(event: Event, receiver: Receiver) -> None:
    endpoint, owner = make_endpoint(event.organization, receiver), UserFactory()
    registration = enter(event, "ann@contoso.example")
    receiver.always(Reply(410))
    deliver_all()
    give_minutes(registration, 1)  # not told: it is off
    receiver.always(Reply(200))
    with organization_scope(event.organization_id):
        assert redeliver(deliveries=WebhookDelivery.objects.all(), actor=owner, reason="Mended.") == 0
        assert enable(endpoint=see(endpoint), actor=owner, reason="Mended.")
        assert redeliver(deliveries=WebhookDelivery.objects.all(), actor=owner, reason="Mended.") == 1
    deliver_all()
    assert [each.id for each in receiver.arrivals] == [receiver.arrivals[0].id] * 2
    assert count_states(endpoint) == {State.DONE: 1}
    with organization_scope(event.organization_id):  # once more, although it arrived
        assert redeliver(deliveries=WebhookDelivery.objects.all(), actor=owner, reason="Lost there.") == 1
    deliver_all()
    assert len(receiver.arrivals) == 3


def test_a_test_is_sent_once_and_changes_nothing(event: Event, receiver: Receiver) -> None:
    off: dict[str, Any] = {"disabled_at": timezone.now(), "disabled_because": "It was broken."}
    states = {200: State.DONE, 500: State.FAILED, 410: State.FAILED}
    cases = [(status, state, fields) for status, state in states.items() for fields in ({}, off)]
    for number, (status, state, fields) in enumerate(cases):
        path = f"/{number}"
        wants = {"all_types": False, "types": ["quota.changed"]}
        endpoint = make_endpoint(event.organization, receiver, path, **wants, **fields)
        receiver.always(Reply(status, body=b"what came back"))
        with organization_scope(event.organization_id):
            delivery = request_test(endpoint=endpoint, actor=UserFactory())
            deliver_test(delivery_id=delivery.pk)
            deliver_test(delivery_id=delivery.pk)  # a bell that rings twice
            delivery.refresh_from_db()
            assert [(each.status, each.answer) for each in delivery.tries.all()] == [(status, "what came back")]
        assert delivery.state == state
        assert [each.type for each in receiver.arrivals if each.path == path] == ["webhook.test"]
        assert receiver.arrivals[-1].verify(endpoint.secret)
        assert bool(see(endpoint).disabled_at) is bool(fields)


def test_what_came_during_a_test_is_delivered_after_it(event: Event, receiver: Receiver) -> None:
    endpoint, hold = make_endpoint(event.organization, receiver), threading.Event()
    receiver.answer = lambda arrival: Reply(hold=hold if arrival.type == "webhook.test" else None)
    with organization_scope(event.organization_id):
        delivery = request_test(endpoint=endpoint, actor=UserFactory())
    with ThreadPoolExecutor(1) as pool:
        testing = pool.submit(run_test, delivery)
        wait_until(lambda: receiver.arrivals)
        enter(event, "ann@contoso.example")
        deliver_webhooks(organization_id=event.organization_id, endpoint_id=endpoint.pk)  # leaves it to who is at work
        assert len(receiver.arrivals) == 1
        hold.set()
        assert list(testing.result()) == [endpoint.pk]


def run_test(delivery: WebhookDelivery) -> dict[int, datetime]:
    try:
        with organization_scope(delivery.organization_id):
            return deliver_test(delivery_id=delivery.pk)
    finally:
        connection.close()


# --- the log


def test_the_log_forgets_what_is_old_and_nothing_that_is_owed(event: Event, receiver: Receiver) -> None:
    endpoint = make_endpoint(event.organization, receiver)
    ann, bob = enter(event, "ann@contoso.example"), enter(event, "bob@contoso.example")
    receiver.answer = lambda arrival: Reply(500 if arrival.registration == str(bob.reference) else 200)
    deliver_all()
    turn_clock(event.organization, days=29)
    give_minutes(ann, 1)
    clean_webhook_log()
    assert len(find_deliveries(endpoint)) == 3
    turn_clock(event.organization, days=2)
    clean_webhook_log()
    left = find_deliveries(endpoint)
    assert [(each.message.type, each.state) for each in left] == [
        ("registration.created", State.READY),  # bob's
        ("quota.changed", State.READY),
    ]
