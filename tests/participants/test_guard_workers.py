"""From the first look of the schedule to everybody's pause and the mail about it, by real workers alone."""

import pytest

from events.models import Event, Firing, SponsoringAccount
from paddock.tenancy.scope import organization_scope
from participants.models import RacerProfile
from tests.support.budgets import set_budget
from tests.support.racing import advance, build_racing_account, join, train
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until
from tests.support.workers import crew
from tests.support.world import build_event, build_organization, sign_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

RACERS = ["ann", "bob", "cid"]
CONTACT = "desk@contoso.example"


def test_workers_hold_a_budget_by_themselves(sandbox: Sandbox) -> None:
    organization = build_organization(sandbox, directory="identity_center")
    account = build_racing_account(sandbox, organization)
    event = build_event(organization, sponsoring_account=account, contacts=[CONTACT])
    set_budget(event, 7, (50, "alert"), (100, "stop"))
    for name in RACERS:
        sign_up(event, name, racer_alias=name)
    join(sandbox, account, *RACERS)
    train(sandbox, account, *RACERS, minutes=120)
    advance(sandbox, 45)  # 7.87 dollars

    with crew(sandbox, USAGE_SYNC_SECONDS="1") as workers:
        workers.start_beat()
        for _ in range(2):
            workers.start_worker()
        wait_until(lambda: len(sandbox.mailbox(to=CONTACT)) >= 2)
        advance(sandbox, 1)
        wait_until(lambda: find_states(event) == {"paused"})
        wait_until(lambda: find_active_jobs(sandbox, account) == [])
        wait_until(lambda: find_mail_states(event) == {"sent"})

    subjects = {mail["subject"] for mail in sandbox.mailbox(to=CONTACT)}
    assert subjects == {
        f"50 % of the budget of {event} is reached",
        f"{event} is stopped: 100 % of its budget is reached",
    }
    assert len(sandbox.mailbox(to=CONTACT)) == 2
    assert train(sandbox, account, "ann", minutes=10)["ann"]["why"] == "The sponsorship is paused."


def find_states(event: Event) -> set[str]:
    with organization_scope(event.organization_id):
        return set(RacerProfile.objects.values_list("state", flat=True))


def find_mail_states(event: Event) -> set[str]:
    with organization_scope(event.organization_id):
        return set(Firing.objects.values_list("mail_state", flat=True))


def find_active_jobs(sandbox: Sandbox, account: SponsoringAccount) -> list[str]:
    jobs = sandbox.racing(account.account_id)["jobs"]
    return [job["status"] for job in jobs if job["status"] not in ("COMPLETED", "CANCELED")]
