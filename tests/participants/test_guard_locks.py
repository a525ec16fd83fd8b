"""Workers who look at the same budgets, or stand in each other's way."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from events.domain.lookup import load_event
from events.models import Budget, Event, Firing, SponsoringAccount
from paddock.tenancy.scope import organization_scope
from participants.domain.guard import looking
from participants.models import Step
from tests.admin.stage import enter
from tests.support.budgets import look, set_budget, spend
from tests.support.factories import EventFactory, OrganizationFactory
from tests.support.locks import find_waiting, waiting_longer_than_others
from tests.support.waiting import wait_until
from tests.support.world import account_of

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS, ROUNDS = 6, 40


def build_event() -> Event:
    """Of an organization of its own, with somebody who has spent 100 dollars."""
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        event = load_event(EventFactory().pk)
    spend(enter(event, "ann@contoso.example"), 100)
    return event


def look_at_once(account: SponsoringAccount) -> int:
    """Several workers at the same moment. Returns how many firings there are."""
    barrier = Barrier(WORKERS)

    def work(_: int) -> None:
        try:
            barrier.wait(timeout=30)
            look(account)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    with organization_scope(account.organization_id):
        return Firing.objects.count()


def test_workers_who_look_at_once_fire_once() -> None:
    event = build_event()
    set_budget(event, 100, (80, "alert"), (100, "stop"))
    set_budget(account_of(event), 100, (100, "freeze"))
    assert look_at_once(account_of(event)) == 3


def test_without_the_lock_they_fire_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: it is the lock, and not luck, that keeps them apart."""
    monkeypatch.setattr(looking, "lock", lambda thresholds: thresholds)
    for _ in range(ROUNDS):
        event = build_event()
        set_budget(event, 100, (80, "alert"))
        if look_at_once(account_of(event)) > 1:
            return
    pytest.fail(f"In {ROUNDS} rounds {WORKERS} workers never fired twice.")


def test_a_deadlock_costs_a_moment_and_no_look() -> None:
    """Convergence holds a step that the freeze makes due, and then comes to want what the look holds."""
    event = build_event()
    budget = set_budget(event, 100, (100, "freeze"))
    with organization_scope(event.organization_id):
        ann = event.registrations.get()
        Step.objects.create(event=event, registration=ann, kind="sponsorship", state="done")

    def work() -> list[Firing]:
        try:
            return look(account_of(event))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, waiting_longer_than_others():
        with organization_scope(event.organization_id), transaction.atomic():
            Step.objects.filter(kind="sponsorship").update(detail="in work")
            looked = pool.submit(work)
            wait_until(find_waiting)
            Budget.objects.select_for_update().get(pk=budget.pk)
        (firing,) = looked.result(timeout=60)
    with organization_scope(event.organization_id):
        assert Firing.objects.get() == firing
        assert Step.objects.get(kind="sponsorship").state == "ready"
