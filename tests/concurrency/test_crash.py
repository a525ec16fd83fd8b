"""Workers that die at any moment, and providers that fail, lose nobody."""

import random
from collections import Counter

import pytest

from events.models import Event
from tests.concurrency.crowd import find_addresses_being_mailed, is_all_done, register_crowd
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until
from tests.support.workers import crew
from tests.support.world import build_event, build_organization, domain_of, sign_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PEOPLE = 500
KILLS = 10
WAVE = PEOPLE // KILLS
CALLS_BETWEEN_KILLS = (5, 30)


def test_nobody_is_lost_and_mailed_twice_only_when_in_flight(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    sandbox.knobs(failure_rate=0.1, graph_latency_ms=20, aws_latency_ms=20, sync_interval_seconds=2)
    in_flight: set[str] = set()
    with crew(sandbox, CLAIM_SECONDS="3") as workers:
        workers.start_beat()
        worker = workers.start_worker()
        for wave in range(KILLS):
            register_crowd(event, size=WAVE, first=wave * WAVE)
            successor = workers.start_worker()
            wait_for_some_calls(event, sandbox)
            worker.kill()
            in_flight |= find_addresses_being_mailed(event)
            worker = successor
        wait_until(lambda: is_all_done(event))
    assert find_members(sandbox) == {f"racer{number}@{domain_of(event.organization)}" for number in range(PEOPLE)}
    received = count_mails(sandbox)
    assert len(received) == PEOPLE
    assert find_mailed_twice(received) <= in_flight | find_addresses_without_answer(sandbox)


def test_mail_in_flight_at_a_kill_is_sent_again_and_no_other(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox, mail="smtp"))
    sandbox.knobs(sync_interval_seconds=1, smtp_latency_ms=200)
    people = {sign_up(event, f"racer{number}").participant.email for number in range(20)}
    with crew(sandbox) as workers:
        workers.start_beat()
        worker = workers.start_worker()
        wait_until(lambda: len(sandbox.mailbox()) >= 3, pause=0.01)
        worker.kill()
        in_flight = find_addresses_being_mailed(event)
        workers.start_worker()
        wait_until(lambda: is_all_done(event))
    received = count_mails(sandbox)
    assert set(received) == people
    assert find_mailed_twice(received)
    assert find_mailed_twice(received) <= in_flight
    assert max(received.values()) == 2


def wait_for_some_calls(event: Event, sandbox: Sandbox) -> None:
    """The moment of a kill is random, and work is under way at it: so many provider calls, not seconds."""
    last_call = count_calls(sandbox) + random.randint(*CALLS_BETWEEN_KILLS)
    wait_until(lambda: count_calls(sandbox) >= last_call or is_all_done(event))


def count_calls(sandbox: Sandbox) -> int:
    return sum(sum(operations.values()) for operations in sandbox.calls().values())


def find_members(sandbox: Sandbox) -> set[str]:
    (center,) = sandbox.state()["identity_center"]
    return {member for group in center["groups"] for member in group["members"]}


def count_mails(sandbox: Sandbox) -> Counter[str]:
    return Counter(mail["to"] for mail in sandbox.mailbox())


def find_mailed_twice(received: Counter[str]) -> set[str]:
    return {address for address, count in received.items() if count > 1}


def find_addresses_without_answer(sandbox: Sandbox) -> set[str]:
    """Mails that the provider has and did not acknowledge: no sender can know of them."""
    return {mail["to"] for mail in sandbox.mailbox() if mail["answer_lost"]}
