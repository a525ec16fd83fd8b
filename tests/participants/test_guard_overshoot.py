"""Fifty racers train until the budget stops them: by how much more than the budget is spent in the end."""

from dataclasses import dataclass
from typing import Any

import pytest

from events.models import Budget, Event, Firing, Price, SponsoringAccount
from paddock.money import MICROS, show_dollars
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.models import RacerProfile, Step
from participants.tasks import sync_account
from tests.support.budgets import set_budget
from tests.support.convergence import describe_steps, hurry, run_due_work, settle
from tests.support.racing import advance, build_racing_account, join, train
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, sign_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

RACERS = 50
INTERVAL_MINUTES = 5
JOB_MINUTES = 60
HOUR = 3_500_000
# So many jobs for one interval: what is spent between two looks.
A_LOOK = RACERS * INTERVAL_MINUTES * HOUR // 60
# The sandbox's services take this long to end a job that was asked to stop.
STOPPING = RACERS * HOUR * 30 // 3600
MOST_LOOKS = 20
MOST_LOOKS_AT_STOPS = 60


@dataclass
class Track:
    """An event whose racers train on one account, at 3.50 dollars an hour. Only `pass_time` lets time pass."""

    sandbox: Sandbox
    event: Event
    account: SponsoringAccount
    aliases: list[str]

    def pass_time(self, minutes: int) -> None:
        advance(self.sandbox, minutes)

    def look(self) -> None:
        sync_account(organization_id=self.event.organization_id, account_id=self.account.pk)
        with organization_scope(self.event.organization_id):
            account = SponsoringAccount.objects.get(pk=self.account.pk)
        assert account.sync_error == ""

    def train(self) -> int:
        """Whoever may starts another job. Returns how many did."""
        outcomes = train(self.sandbox, self.account, *self.aliases, minutes=JOB_MINUTES)
        return sum(outcome["accepted"] for outcome in outcomes.values())

    def count_cost(self) -> int:
        """To the second. What the multi-user service tells are whole minutes."""
        return sum(profile["used_seconds"] for profile in self.report()["profiles"]) * HOUR // 3600

    def find_firing(self) -> Firing | None:
        with organization_scope(self.event.organization_id):
            return Firing.objects.first()

    def report(self) -> dict[str, Any]:
        return self.sandbox.racing(self.account.account_id)

    def list_active_jobs(self) -> list[str]:
        return [job["status"] for job in self.report()["jobs"] if job["status"] not in ("COMPLETED", "CANCELED")]


def build_track(sandbox: Sandbox, kind: str) -> Track:
    """Everybody is registered, has signed in and has their limits."""
    organization = build_organization(sandbox, directory="identity_center")
    account = build_racing_account(sandbox, organization, kind=kind)
    sandbox.knobs(racing_speed=0)
    event = build_event(organization, sponsoring_account=account)
    with organization_scope(organization.pk):
        Price.objects.create(
            sponsoring_account=account, valid_from="2020-01-01", training_hour=HOUR, storage_gigabyte_month=0
        )
    aliases = [f"racer{number}" for number in range(RACERS)]
    people = {alias: sign_up(event, alias, racer_alias=alias).participant.email for alias in aliases}
    if account.is_multi_user:
        join(sandbox, account, *aliases)
    else:
        settle()
        join(sandbox, account, **people)
    track = Track(sandbox, event, account, aliases)
    track.look()
    settle()
    return track


def run_until_it_fires(track: Track) -> tuple[Firing, int]:
    """A look each interval, as the schedule has it. Returns what fired and how many jobs were active then."""
    for _ in range(MOST_LOOKS):
        track.pass_time(INTERVAL_MINUTES)
        active = len(track.list_active_jobs())
        track.look()
        if firing := track.find_firing():
            return firing, active
        settle()
    raise AssertionError("The budget never fired.")


def finish(track: Track) -> None:
    """A minute passes between any two looks at those who were asked to stop, until none is left."""
    for _ in range(MOST_LOOKS_AT_STOPS):
        while run_due_work():
            pass
        if not has_open_steps():
            return
        track.pass_time(1)
        hurry()
    raise AssertionError(f"Not everybody has stopped: {describe_steps()[-RACERS:]}")


def has_open_steps() -> bool:
    with across_tenants("a test looks at everything"):
        return Step.objects.filter(state__in=["ready", "claimed", "blocked"]).exists()


def check_overshoot(track: Track, title: str, budget: Budget, firing: Firing, *, bound: int) -> None:
    cost = track.count_cost()
    overshoot = cost - budget.amount
    print(  # noqa: T201 -- the figures are what this test is for
        f"\n{title}: budget {show_dollars(budget.amount)}, at the firing {show_dollars(firing.spent)} spent and "
        f"{show_dollars(firing.exposure)} exposed, in the end {show_dollars(cost)}: "
        f"overshoot {show_dollars(overshoot)}, bound {show_dollars(bound)}"
    )
    assert overshoot <= bound


def assert_nobody_trains(track: Track) -> None:
    assert track.list_active_jobs() == []
    assert track.train() == 0
    with organization_scope(track.event.organization_id):
        if track.account.is_multi_user:  # elsewhere a quota of nothing stands in for a pause
            assert set(RacerProfile.objects.values_list("state", flat=True)) == {"paused"}
        assert set(Step.objects.filter(kind="sponsorship").values_list("state", flat=True)) == {"done"}


def test_stop_in_multi_user_mode(sandbox: Sandbox) -> None:
    """The budget is missed by ten cents at one look, so that nearly all of an interval goes by until the next."""
    track = build_track(sandbox, "multi_user")
    budget = set_budget(track.event, (6 * A_LOOK + 100_000) / MICROS, (100, "stop"))
    assert track.train() == RACERS
    firing, active = run_until_it_fires(track)
    assert active == RACERS
    assert 0 <= firing.spent - budget.amount <= A_LOOK
    finish(track)
    check_overshoot(track, "Stop, multi-user mode", budget, firing, bound=A_LOOK + STOPPING)
    assert_nobody_trains(track)


def test_freeze_in_multi_user_mode(sandbox: Sandbox) -> None:
    """What runs goes on to its end: one interval, and what was exposed when it fired."""
    track = build_track(sandbox, "multi_user")
    budget = set_budget(track.event, (6 * A_LOOK + 100_000) / MICROS, (100, "freeze"))
    assert track.train() == RACERS
    firing, active = run_until_it_fires(track)
    assert active == RACERS
    settle()
    assert track.train() == 0
    track.pass_time(JOB_MINUTES)
    check_overshoot(track, "Freeze, multi-user mode", budget, firing, bound=A_LOOK + firing.exposure)
    assert_nobody_trains(track)


@pytest.mark.parametrize("action", ["stop", "freeze"])
def test_deepracer_on_aws(sandbox: Sandbox, action: str) -> None:
    """Jobs count there as soon as they are asked for. So what is frozen ends up with no more than was known when it
    fired, and what is stopped, where eight jobs run at once and the others wait, far below the budget.
    """
    track = build_track(sandbox, "deepracer_on_aws")
    round_of_jobs = RACERS * JOB_MINUTES * HOUR // 60
    budget = set_budget(track.event, (round_of_jobs - A_LOOK) / MICROS, (100, action))
    assert track.train() == RACERS
    firing, active = run_until_it_fires(track)
    assert active == RACERS
    assert "They count, because this service counts a job only when it ends." in firing.explanation
    if action == "stop":
        finish(track)
        bound = A_LOOK + STOPPING
    else:
        settle()
        assert track.train() == 0
        track.pass_time(RACERS * JOB_MINUTES)
        bound = firing.spent + firing.exposure - budget.amount
    check_overshoot(track, f"{action.title()}, DeepRacer on AWS", budget, firing, bound=bound)
    assert_nobody_trains(track)
