"""Onboarding: how many calls, how close to the providers' own time, how soon a single person is in."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from benchmarks.bare import let_everybody_in
from benchmarks.report import Figure, say
from events.models import Event, MailConnection
from paddock.celery import app as celery_app
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.convergence import doorbell
from participants.models import Registration, Step
from tests.support.sandbox import Sandbox
from tests.support.workers import Crew
from tests.support.world import build_event, build_organization, domain_of, sign_up

PEOPLE = 2000
CROWD = 100
LATENCY = {"graph_latency_ms": 100, "aws_latency_ms": 50}
CYCLE_SECONDS = 20
REAL_CYCLE_SECONDS = 2400
# Counting steps keeps the database busy, so it must not be done much more often than it is worth knowing.
LOOK_SECONDS = 0.25
DIRECTORY_SERVICES = ("graph", "login", "identitystore", "sso-admin")


def measure_bulk_load(sandbox: Sandbox, crew: Crew) -> list[Figure]:
    """N people served by the sync cycle, and the same calls by a bare script afterwards."""
    event, yardstick = _prepare_event(sandbox, crew), _prepare_event(sandbox, crew)
    _sign_up_quietly(event, PEOPLE)
    with _worker(crew):
        calls = _Calls(sandbox)
        _restart_cycle(sandbox, CYCLE_SECONDS)
        seconds = _drain(event, PEOPLE)
        directory, mail = calls.count(*DIRECTORY_SERVICES), calls.count("pinpoint")
        say(f"{PEOPLE} people in {seconds:.1f} s with {directory} directory calls and {mail} mail calls")
    _restart_cycle(sandbox, CYCLE_SECONDS)
    bare = _drain_barely(sandbox, yardstick)
    say(f"bare script: {bare:.1f} s")
    return [
        Figure("onboarding.directory_calls_per_participant", directory / PEOPLE, "calls", "<= 0.06"),
        Figure("onboarding.mail_calls_per_participant", mail / PEOPLE, "calls", "<= 0.02"),
        Figure("onboarding.drain_vs_limit", seconds / bare, "ratio", "<= 1.25"),
    ]


def measure_single_access(sandbox: Sandbox, crew: Crew) -> list[Figure]:
    """One person among a hundred, with Microsoft's own cycle of 40 minutes and on-demand provisioning."""
    event = _prepare_event(sandbox, crew)
    _sign_up_quietly(event, CROWD)
    with _worker(crew):
        _restart_cycle(sandbox, REAL_CYCLE_SECONDS)
        _start_everybody(event)
        began = time.monotonic()
        registration = sign_up(event, "single")
        _await(lambda: _count_done(event, "access", registration=registration), 1)
        seconds = time.monotonic() - began
    return [Figure("onboarding.single_access_seconds", seconds, "s", "<= 60")]


def _prepare_event(sandbox: Sandbox, crew: Crew) -> Event:
    """An event whose group, permission set and assignment are in place, as they are before an event opens."""
    sandbox.knobs(**dict.fromkeys(LATENCY, 0))
    _restart_cycle(sandbox, REAL_CYCLE_SECONDS)
    event = build_event(build_organization(sandbox))
    with _worker(crew):
        sign_up(event, "first")
        _await(lambda: _count_done(event, "welcome"), 1)
    sandbox.knobs(**LATENCY)
    with organization_scope(event.organization_id):
        return Event.objects.select_related("organization", "directory__identity_center").get(pk=event.pk)


@contextmanager
def _worker(crew: Crew) -> Iterator[None]:
    """A worker with what it needs already imported: starting Python is nobody's onboarding."""
    worker = crew.start_worker()
    _await(lambda: len(celery_app.control.ping(timeout=0.5)), 1)
    try:
        yield
    finally:
        worker.kill()


def _restart_cycle(sandbox: Sandbox, seconds: int) -> None:
    """A cycle ends now and the next one begins so many seconds later; Paddock forgets when it thought that would be."""
    sandbox.knobs(sync_interval_seconds=2 * seconds)  # only a change restarts the clock
    sandbox.sync()
    sandbox.knobs(sync_interval_seconds=seconds)
    cache.clear()


def _sign_up_quietly(event: Event, count: int) -> None:
    """Everybody registers while no worker runs, and nothing is due yet: the clock starts when all are there."""
    for number in range(count):
        sign_up(event, f"racer{number}")
        if number % 500 == 499:
            say(f"{number + 1} registered")
    with organization_scope(event.organization_id):
        Step.objects.filter(event=event, kind="identity", state=Step.State.READY).update(
            due_at=timezone.now() + timedelta(hours=1)
        )


def _start_everybody(event: Event) -> None:
    with organization_scope(event.organization_id):
        Step.objects.filter(event=event, kind="identity", state=Step.State.READY).update(
            due_at=timezone.now(), ready_at=timezone.now()
        )
        doorbell.ring(organization_id=event.organization_id, event_id=event.pk, kinds=["identity"])


def _drain(event: Event, count: int) -> float:
    began = time.monotonic()
    _start_everybody(event)
    _await(lambda: _count_done(event, "welcome"), count + 1)
    return time.monotonic() - began


def _drain_barely(sandbox: Sandbox, event: Event) -> float:
    addresses = [f"racer{number}@{domain_of(event.organization)}" for number in range(PEOPLE)]
    with organization_scope(event.organization_id):
        mail = MailConnection.objects.get()
        account = event.accounts.select_related("event__directory__identity_center").get()
    return let_everybody_in(account, mail, addresses, sandbox.environment())


def _count_done(event: Event, kind: str, registration: Registration | None = None) -> int:
    with across_tenants("a benchmark counts"):
        steps = Step.objects.filter(event=event, kind=kind, state=Step.State.DONE)
        return steps.filter(registration=registration).count() if registration else steps.count()


def _await(count: Callable[[], int], goal: int, *, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while count() < goal:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{count()} of {goal} after {seconds} s")
        time.sleep(LOOK_SECONDS)


class _Calls:
    """Calls that the sandbox has counted since this was made."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._before = sandbox.calls()

    def count(self, *services: str) -> int:
        now = self._sandbox.calls()
        return sum(sum(now.get(each, {}).values()) - sum(self._before.get(each, {}).values()) for each in services)
