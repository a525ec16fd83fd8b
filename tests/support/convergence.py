"""Running what is due in this process, as workers would: for tests about steps rather than about workers."""

import time
from collections.abc import Callable

from django.utils import timezone

from paddock.tenancy.scope import across_tenants
from participants.convergence.sweeping import find_due_work
from participants.models import Step
from participants.tasks import converge
from tests.support.waiting import PATIENCE_SECONDS

PAUSE_SECONDS = 0.1


def converge_until(condition: Callable[[], object]) -> None:
    """Do what is due until the condition holds. Waits end early: a test has no time to be polite."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Not reached after {PATIENCE_SECONDS} s. Steps: {describe_steps()}")
        if not run_due_work():
            time.sleep(PAUSE_SECONDS)
            hurry()


def settle() -> None:
    """Do everything that is due now or later, until all that is left is done, failed or blocked."""

    def settled() -> bool:
        with across_tenants("a test looks at everything"):
            return not Step.objects.filter(state__in=[Step.State.READY, Step.State.CLAIMED]).exists()

    converge_until(settled)


def run_due_work() -> int:
    """One round over everything that is due. Returns the number of batches."""
    with across_tenants("a test plays the sweep"):
        due = find_due_work()
    for work in due:
        converge(organization_id=work.organization_id, event_id=work.event_id, kind=work.kind)
    return len(due)


def hurry() -> None:
    """Make every wait end now."""
    with across_tenants("a test turns the clock"):
        Step.objects.filter(state=Step.State.READY).update(due_at=timezone.now())


def describe_steps() -> list[str]:
    with across_tenants("a test looks at everything"):
        return [f"{step.kind} {step.state} {step.detail}" for step in Step.objects.order_by("id")]
