"""The broker only wakes people up: emptied or gone, it costs time and nobody's place."""

import time

import pytest
import redis
import requests
from django.conf import settings

from events.models import Event
from tests.concurrency.crowd import is_all_done
from tests.support.convergence import settle
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until
from tests.support.workers import crew
from tests.support.world import build_event, build_organization, domain_of, sign_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WAVES = 5
PEOPLE_OF_A_WAVE = 20
DEAD_BROKER = "redis://127.0.0.1:1/0"
# A request that tried for long would stand out from this by far, on a busy machine too.
QUICKLY_SECONDS = 10.0


def test_everything_arrives_after_the_queue_was_emptied(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    sandbox.knobs(graph_latency_ms=50, aws_latency_ms=50, sync_interval_seconds=2)
    sign_up_wave(event, 0)
    with crew(sandbox) as workers:
        workers.start_beat()
        workers.start_worker()
        for wave in range(1, WAVES):
            calls = sandbox.calls()
            sign_up_wave(event, wave)
            wait_until(lambda calls=calls: sandbox.calls() != calls, pause=0.01)
            redis.Redis.from_url(settings.CELERY_BROKER_URL).flushdb()
        wait_until(lambda: is_all_done(event))
    assert len({mail["to"] for mail in sandbox.mailbox()}) == len(sandbox.mailbox()) == WAVES * PEOPLE_OF_A_WAVE


def sign_up_wave(event: Event, wave: int) -> None:
    for number in range(PEOPLE_OF_A_WAVE):
        sign_up(event, f"racer{wave}-{number}")


def test_registering_needs_no_broker(sandbox: Sandbox) -> None:
    event = build_event(build_organization(sandbox))
    person = {"email": f"ann@{domain_of(event.organization)}", "given_name": "Ann", "family_name": "Racer"}
    with crew(sandbox, CELERY_BROKER_URL=DEAD_BROKER) as crowd:
        url = crowd.start_web()
        wait_until(lambda: is_listening(url))
        began = time.monotonic()
        answer = requests.post(f"{url}{path_of(event)}", json=person, timeout=30)
        took = time.monotonic() - began
    assert answer.status_code == 201, answer.text
    assert took < QUICKLY_SECONDS
    settle()
    assert [mail["to"] for mail in sandbox.mailbox()] == [person["email"]]


def path_of(event: Event) -> str:
    return f"/api/v1/organizations/{event.organization.slug}/events/{event.slug}/registrations/"


def is_listening(url: str) -> bool:
    try:
        return requests.get(url, timeout=30).status_code > 0
    except requests.ConnectionError:
        return False
