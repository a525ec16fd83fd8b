"""Providers' limits are shared by all workers, and respected rather than discovered by being refused."""

import pytest

from events.models import Event
from paddock.tenancy.scope import organization_scope
from participants.models import Step
from tests.concurrency.crowd import is_all_done, register_crowd
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until
from tests.support.workers import Process, crew
from tests.support.world import build_event, build_organization, sign_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Long enough to push the small event, too short for the large one, which is left to the cycle.
CYCLE_SECONDS = 60
PUSHED = 35
# Five a call, five calls in ten seconds: two of them have to wait for the next window.
PUSHES = 7
# Between the grant and the call a busy machine may stop a thread for longer than the throttle leaves room. Without the
# throttle about 26 calls are refused.
UNLUCKY_CALLS = 4


def test_two_workers_are_as_good_as_never_refused(sandbox: Sandbox) -> None:
    bulk = build_event(build_organization(sandbox))
    pushed = build_event(build_organization(sandbox))
    one_by_one = build_event(build_organization(sandbox, directory="identity_center"))
    sandbox.knobs(throttles=True, sync_interval_seconds=CYCLE_SECONDS)
    register_crowd(bulk, size=300)
    register_crowd(one_by_one, size=40)
    for number in range(PUSHED):
        sign_up(pushed, f"racer{number}")
    with crew(sandbox) as workers:
        workers.start_beat()
        pair = [workers.start_worker(), workers.start_worker()]
        wait_until(lambda: is_pushed_or_left(bulk))
        sandbox.sync()
        wait_until(lambda: all(is_all_done(event) for event in (bulk, pushed, one_by_one)))
        assert all(has_converged(worker) for worker in pair)
    calls = sandbox.calls()
    assert sum(calls.get("throttled", {}).values()) <= UNLUCKY_CALLS, calls
    assert find_pushes(calls) >= PUSHES


def is_pushed_or_left(event: Event) -> bool:
    with organization_scope(event.organization.pk):
        return not event.steps.filter(kind="push").exclude(state=Step.State.DONE).exists()


def has_converged(worker: Process) -> bool:
    return "participants.tasks.converge" in worker.log.read_text()


def find_pushes(calls: dict[str, dict[str, int]]) -> int:
    return sum(count for operation, count in calls["graph"].items() if "provisionOnDemand" in operation)
