"""No mail leaves before Identity Center shows the membership, whatever order the world moves in."""

import random
from collections.abc import Callable
from http.client import HTTPConnection

import pytest
from django.db import connection

from events.domain.connections import open_directory, open_identity_center
from events.models import DirectoryConnection, Event
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.convergence import engine
from participants.convergence.sweeping import find_due_work
from participants.domain.journey import owe_event_steps
from participants.models import Registration, Step
from participants.tasks import converge
from tests.support.convergence import converge_until, hurry, run_due_work, settle
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until
from tests.support.world import build_event, build_organization, domain_of, sign_up

pytestmark = pytest.mark.django_db(transaction=True)

# More rounds than a journey has steps: whatever can happen without the sync has happened.
ENOUGH_ROUNDS = 8
CROWD = 10


@pytest.fixture
def event(sandbox: Sandbox) -> Event:
    """Its group is in Entra's sync, but nothing is pushed: the sync comes when the test says so."""
    event = build_event(build_organization(sandbox))
    with organization_scope(event.organization_id):
        owe_event_steps(event=event)
        engine.converge(event_id=event.pk, kind_name="group")
        DirectoryConnection.objects.update(service_principal_id="")
    return event


def do_all_that_can_be_done() -> None:
    for _ in range(ENOUGH_ROUNDS):
        hurry()
        run_due_work()


def find_members(sandbox: Sandbox) -> set[str]:
    groups = [group for center in sandbox.state()["identity_center"] for group in center["groups"]]
    return {member for group in groups for member in group["members"]}


def state_of(registration: Registration, kind: str) -> str:
    with organization_scope(registration.organization_id):
        return Step.objects.get(registration=registration, kind=kind).state


@pytest.mark.parametrize("lag_seconds", [0, 1])
def test_mail_waits_for_the_sync(sandbox: Sandbox, event: Event, lag_seconds: float) -> None:
    sandbox.knobs(consistency_lag_seconds=lag_seconds)
    registration = sign_up(event, "ann")
    converge_until(lambda: state_of(registration, "membership") == Step.State.DONE)
    do_all_that_can_be_done()
    assert (sandbox.mailbox(), find_members(sandbox)) == ([], set())
    converge_until(lambda: sandbox.sync() or hurry() or sandbox.mailbox())
    assert find_members(sandbox) == {registration.participant.email}


def leave_before_the_sync(sandbox: Sandbox, event: Event, registration: Registration) -> None:
    with organization_scope(event.organization_id):
        event.refresh_from_db()
        registration.refresh_from_db()
        open_directory(event).remove_members(event.accounts.get().directory_group_id, [registration.directory_user_id])
    sandbox.sync()


def leave_after_the_sync(sandbox: Sandbox, event: Event, registration: Registration) -> None:
    sandbox.sync()
    center = open_identity_center(event)
    (group,) = sandbox.state()["identity_center"][0]["groups"]
    users = center.find_users([registration.participant.email])
    assert center.remove_members(group["id"], list(users.values())) == dict.fromkeys(users.values())


@pytest.mark.parametrize("leave", [leave_before_the_sync, leave_after_the_sync])
def test_no_mail_for_who_has_left_again(
    sandbox: Sandbox, event: Event, leave: Callable[[Sandbox, Event, Registration], None]
) -> None:
    registration = sign_up(event, "ann")
    converge_until(lambda: state_of(registration, "membership") == Step.State.DONE)
    leave(sandbox, event, registration)
    do_all_that_can_be_done()
    assert state_of(registration, "access") == Step.State.READY
    assert sandbox.mailbox() == []


@pytest.mark.slow
def test_at_no_moment_has_a_mail_gone_to_somebody_outside(sandbox: Sandbox, event: Event) -> None:
    """Steps run in any order, one call in five fails, people register and the sync runs in between."""
    sandbox.knobs(failure_rate=0.2)
    names = iter([f"racer{number}" for number in range(CROWD)])
    expected = {f"racer{number}@{domain_of(event.organization)}" for number in range(CROWD)}

    def move() -> bool:
        if name := next(names, None):
            sign_up(event, name)
        if random.random() < 0.2:
            sandbox.sync()
        hurry()
        run_one_at_random()
        mailed = {mail["to"] for mail in sandbox.mailbox()}
        assert mailed <= find_members(sandbox)
        return mailed == expected

    wait_until(move, pause=0)


def run_one_at_random() -> None:
    with across_tenants("a test plays the sweep"):
        due = find_due_work()
    if due:
        work = random.choice(due)
        converge(organization_id=work.organization_id, event_id=work.event_id, kind=work.kind)


def test_no_provider_is_called_inside_a_transaction(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[bool] = []
    put_request = HTTPConnection.putrequest

    def look_and_put(self: HTTPConnection, *args: object, **kwargs: object) -> None:
        inside.append(connection.in_atomic_block)
        put_request(self, *args, **kwargs)  # type: ignore[arg-type]

    event = build_event(build_organization(sandbox))
    sign_up(event, "ann")
    monkeypatch.setattr(HTTPConnection, "putrequest", look_and_put)
    settle()
    assert inside
    assert not any(inside)
