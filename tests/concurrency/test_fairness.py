"""A bulk load of one organization does not make another's single registration wait for it."""

import pytest

from paddock.tenancy.scope import organization_scope
from participants.models import Registration, Step
from tests.concurrency.crowd import count_open_steps, register_crowd
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until
from tests.support.workers import crew
from tests.support.world import build_event, build_organization, sign_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CROWD = 3000
# At twenty a second, the sweep has rung for the crowd more often by then than the worker has threads.
CALLS_BEFORE = 200


def test_one_person_passes_a_crowd(sandbox: Sandbox) -> None:
    # One call a person, at twenty a second: minutes of work.
    crowded = build_event(build_organization(sandbox, directory="identity_center"))
    quiet = build_event(build_organization(sandbox))
    register_crowd(crowded, size=CROWD)
    all_steps = count_open_steps(crowded).total()
    with crew(sandbox) as workers:
        workers.start_beat()
        workers.start_worker()
        wait_until(lambda: sum(sandbox.calls().get("identitystore", {}).values()) >= CALLS_BEFORE)
        single = sign_up(quiet, "ann")
        wait_until(lambda: is_verified(single))
        still_open = count_open_steps(crowded).total()
    assert still_open > all_steps / 2


def is_verified(registration: Registration) -> bool:
    with organization_scope(registration.organization_id):
        return registration.steps.filter(kind="access", state=Step.State.DONE).exists()
