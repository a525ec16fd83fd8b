"""Limits and pauses at the racing services: made true over the wire, read back, and owed again when they drift."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event, SponsoringAccount
from integrations.racing.protocol import Limits
from paddock.tenancy.scope import organization_scope
from participants.domain.quotas.adjusting import set_to
from participants.domain.quotas.changing import change_quota
from participants.domain.sponsorship.drift import owe_what_drifted
from participants.domain.sponsorship.pausing import pause, resume, stop_training
from participants.domain.sponsorship.wanted import find_wanted
from participants.domain.usage.syncing import sync_account
from participants.models import RacerProfile, Registration, Step
from tests.participants.test_quotas import spend
from tests.support.convergence import converge_until, hurry, run_due_work
from tests.support.racing import advance, build_racing_account, find_profile, join, look, train
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, sign_up

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Scene:
    """An event whose racers have signed in to the service and are known to Paddock."""

    sandbox: Sandbox
    account: SponsoringAccount
    event: Event
    registrations: list[Registration]

    @property
    def ids(self) -> list[int]:
        return [each.pk for each in self.registrations]

    def at_service(self, alias: str) -> dict[str, Any]:
        return find_profile(self.sandbox, self.account, alias)

    def steps(self, kind: str = "sponsorship") -> list[Step]:
        with organization_scope(self.event.organization_id):
            return list(Step.objects.filter(kind=kind, registration__event=self.event).order_by("registration_id"))

    def finish(self, kind: str = "sponsorship") -> list[str]:
        """Let the steps of a kind come to their end, and read their evidence."""
        converge_until(lambda: all(step.state in ("done", "failed") for step in self.steps(kind)))
        return [step.detail for step in self.steps(kind)]

    def act(self, deed: Callable[..., Any], **more: Any) -> Any:
        with organization_scope(self.event.organization_id):
            fields = {"registrations": self.ids, "actor": None, "reason": "A test", **more}
            return deed(event=self.event, **fields)

    def limit(self, minutes: int, models: int = 5) -> None:
        with organization_scope(self.event.organization_id):
            change_quota(registrations=self.ids, minutes=set_to(minutes), models=set_to(models), reason="", actor=None)

    def sync(self) -> None:
        with organization_scope(self.event.organization_id):
            assert sync_account(account_id=self.account.pk)
            self.account.refresh_from_db()
            assert self.account.sync_error == ""


def build_scene(sandbox: Sandbox, *aliases: str, joined: bool = True) -> Scene:
    organization = build_organization(sandbox)
    account = build_racing_account(sandbox, organization)
    event = build_event(organization, sponsoring_account=account)
    scene = Scene(sandbox, account, event, [sign_up(event, alias, racer_alias=alias) for alias in aliases])
    if joined:
        join(sandbox, account, *aliases)
        scene.sync()
    return scene


class TestMultiUserMode:
    def test_limits_are_set_and_read_back(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann", "ben")
        scene.limit(90, models=3)
        assert scene.finish() == ["Read back: quota 90 minutes, 3 models, active."] * 2
        assert [scene.at_service(alias)["max_minutes"] for alias in ("ann", "ben")] == [90, 90]
        with organization_scope(scene.event.organization_id):
            assert set(RacerProfile.objects.values_list("max_minutes", "max_models")) == {(90, 3)}

    def test_people_with_equal_limits_are_one_call(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, *(f"racer{number}" for number in range(12)))
        before = scene.sandbox.calls()["deepracer"]
        scene.limit(90)
        scene.finish()
        after = scene.sandbox.calls()["deepracer"]
        made = {name: after[name] - before.get(name, 0) for name in after}
        assert made["AdminManageUser"] == 1
        assert made["AdminListAssociatedUsers"] == 2  # looked at, and read back

    def test_whoever_never_signed_in_has_nothing_to_limit(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann", joined=False)
        scene.limit(90)
        assert scene.finish() == ["Has never signed in: nothing to do."]
        join(sandbox, scene.account, "ann")
        scene.sync()
        with organization_scope(scene.event.organization_id):
            assert owe_what_drifted(account=scene.account) <= 1  # the sync may have owed it already
        assert scene.finish() == ["Read back: quota 90 minutes, 5 models, active."]

    def test_what_was_used_before_is_given_on_top(self, sandbox: Sandbox) -> None:
        """The service's counter lasts for ever; a quota is meant for one event."""
        scene = build_scene(sandbox, "ann")
        train(sandbox, scene.account, "ann", minutes=60)
        advance(sandbox, 90)
        scene.sync()
        with organization_scope(scene.event.organization_id):
            profile = RacerProfile.objects.get()
            profile.usage.update(event=None)  # used before anybody knew whose it is
        used = profile.used_seconds // 60
        assert used >= 59
        scene.limit(100)
        assert scene.finish() == [f"Read back: quota {100 + used} minutes, 5 models, active."]

    def test_pause_and_resume(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann", "ben")
        scene.limit(90)
        scene.finish()
        operation = scene.act(pause, registrations=scene.ids[:1])
        assert operation.total == 1
        paused = "Read back: quota 90 minutes, 5 models, paused; an organizer paused them."
        assert scene.finish()[0] == paused
        assert not train(sandbox, scene.account, "ann")["ann"]["accepted"]
        assert train(sandbox, scene.account, "ben")["ben"]["accepted"]
        scene.act(resume)
        assert scene.finish() == ["Read back: quota 90 minutes, 5 models, active."] * 2
        assert train(sandbox, scene.account, "ann")["ann"]["accepted"]

    def test_who_is_resumed_in_a_frozen_event_stays_paused(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann")
        scene.act(pause)
        scene.finish()
        with organization_scope(scene.event.organization_id):
            Event.objects.filter(pk=scene.event.pk).update(frozen_at=timezone.now())
        scene.act(resume)
        (detail,) = scene.finish()
        assert detail.endswith(f"paused; the budget guard froze “{scene.event.title}”.")
        assert not train(sandbox, scene.account, "ann")["ann"]["accepted"]

    def test_stopping_ends_what_runs(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann", "ben")
        assert train(sandbox, scene.account, "ann", minutes=60)["ann"]["accepted"]
        advance(sandbox, 10)
        scene.act(stop_training, and_pause=True)
        assert scene.finish("stop") == ["Read back: nothing is left to stop."] * 2
        advance(sandbox, 10)
        jobs = look(sandbox, scene.account)["jobs"]
        assert jobs
        assert {job["status"] for job in jobs} <= {"COMPLETED", "CANCELED"}
        scene.finish()
        assert not train(sandbox, scene.account, "ann")["ann"]["accepted"]

    def test_a_write_that_the_service_ignores_never_counts(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann")
        sandbox.knobs(racing_ignores_changes=True)
        scene.limit(42)
        for _ in range(3):
            run_due_work()
            hurry()
        (step,) = scene.steps()
        assert step.state in ("ready", "claimed")
        assert "still shows" in step.detail

        with organization_scope(scene.event.organization_id):
            Step.objects.filter(pk=step.pk).update(ready_at=timezone.now() - timedelta(minutes=11))
        (detail,) = scene.finish()
        assert "Look at the racer in the account itself" in detail
        assert scene.steps()[0].state == "failed"

    def test_what_drifts_is_owed_again(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann", "ben")
        scene.limit(90)
        scene.finish()
        scene.sync()
        with organization_scope(scene.event.organization_id):
            assert owe_what_drifted(account=scene.account) == 0
            RacerProfile.objects.filter(alias="ann").update(max_minutes=9999)
            assert owe_what_drifted(account=scene.account) == 1
            assert owe_what_drifted(account=scene.account) == 0  # it is under way
        assert scene.finish()[0] == "Read back: quota 90 minutes, 5 models, active."


class TestDeepRacerOnAws:
    """It has no pause: a quota of nothing stands in for it, and the evidence says so."""

    def test_pause_is_a_quota_of_nothing(self, sandbox: Sandbox) -> None:
        scene = self._build(sandbox)
        scene.limit(90)
        assert scene.finish() == ["Read back: quota 90 minutes, 5 models, active."]
        scene.act(pause)
        assert scene.finish() == [
            "Read back: quota 0 in place of a pause, which this account does not have; an organizer paused them."
        ]
        assert self._minutes(scene) == [0]
        scene.act(resume)
        scene.finish()
        assert self._minutes(scene) == [90]

    def test_jobs_are_stopped_by_the_role_alone(self, sandbox: Sandbox) -> None:
        scene = self._build(sandbox, role_arn="")
        scene.act(stop_training)
        assert scene.finish("stop") == [
            "Nothing was stopped: this account cannot end jobs. What runs goes on to its end, and counts."
        ]

    def _minutes(self, scene: Scene) -> list[int]:
        """Of the racers alone: the deployment's administrators have profiles, too, without limits."""
        profiles = look(scene.sandbox, scene.account)["profiles"]
        return [each["max_minutes"] for each in profiles if each["max_minutes"] != -1]

    def _build(self, sandbox: Sandbox, **fields: Any) -> Scene:
        """A racer whose profile Paddock has made."""
        organization = build_organization(sandbox)
        account = build_racing_account(sandbox, organization, kind="deepracer_on_aws", **fields)
        event = build_event(organization, sponsoring_account=account)
        scene = Scene(sandbox, account, event, [sign_up(event, "ann")])
        scene.finish()
        return scene


@dataclass(frozen=True)
class Part:
    """A part in an event: its quota, what was used of it, and what keeps it from training."""

    quota: int | None
    used: int = 0
    paused: bool = False
    frozen: bool = False
    removed: bool = False


# What the service's counter shows in minutes, the parts, the minutes that it should allow, whether paused.
WANTED: dict[str, tuple[int, list[Part], int | None, bool]] = {
    "one event": (0, [Part(60)], 60, False),
    "something is used": (20, [Part(60, used=20)], 60, False),
    "used before this event": (100, [Part(60, used=20)], 140, False),
    "the counter began anew": (5, [Part(60, used=20)], 45, False),
    "more is used than was given": (80, [Part(60, used=80)], 80, False),
    "no limit": (20, [Part(None, used=20)], None, False),
    "two events add up": (20, [Part(60, used=20), Part(30)], 90, False),
    "two events, one without limit": (20, [Part(60), Part(None, used=20)], None, False),
    "one event used up the other's": (80, [Part(60, used=80), Part(30)], 90, False),
    "one of two is paused": (20, [Part(60, paused=True), Part(30, used=20)], 30, False),
    "the paused one has taken too much": (80, [Part(60, used=80, paused=True), Part(30)], 90, False),
    "one of two is frozen": (20, [Part(60, frozen=True), Part(30, used=20)], 30, False),
    "all are paused": (20, [Part(60, paused=True), Part(30, used=20, frozen=True)], 90, True),
    "one is removed": (20, [Part(60, used=20, removed=True), Part(30)], 50, False),
    "all are removed": (20, [Part(60, used=20, removed=True)], 0, True),
}


@pytest.mark.parametrize("case", WANTED)
def test_wanted(case: str, sandbox: Sandbox) -> None:
    counter, parts, minutes, is_paused = WANTED[case]
    organization = build_organization(sandbox)
    account = build_racing_account(sandbox, organization)
    with organization_scope(organization.pk):
        for part in parts:
            take_part(build_event(organization, sponsoring_account=account), part)
        RacerProfile.objects.update(used_seconds=counter * 60)
        profiles = list(RacerProfile.objects.all())
        wanted = find_wanted(profiles=profiles)[profiles[0].pk]
    assert (wanted.limits.minutes, wanted.is_paused) == (minutes, is_paused)
    assert bool(wanted.why) == is_paused


def take_part(event: Event, part: Part) -> None:
    registration = sign_up(event, "ann", racer_alias="ann")
    now = timezone.now()
    Registration.objects.filter(pk=registration.pk).update(
        quota_minutes=part.quota,
        paused_at=now if part.paused else None,
        removed_at=now if part.removed else None,
    )
    Event.objects.filter(pk=event.pk).update(frozen_at=now if part.frozen else None)
    if part.used:
        spend(registration, part.used * 60)


def test_a_frozen_account_pauses_everybody_in_it(sandbox: Sandbox) -> None:
    scene = build_scene(sandbox, "ann", joined=False)
    with organization_scope(scene.event.organization_id):
        SponsoringAccount.objects.filter(pk=scene.account.pk).update(frozen_at=timezone.now())
        profile = RacerProfile.objects.get()
        wanted = find_wanted(profiles=[profile])[profile.pk]
    assert wanted.is_paused
    assert scene.account.name in wanted.why


def test_what_is_wanted_costs_the_same_for_any_number(sandbox: Sandbox) -> None:
    organization = build_organization(sandbox)
    event = build_event(organization)
    counts = set()
    for size in (1, 3, 20):
        for number in range(size):
            sign_up(event, f"{size}-{number}")
        with organization_scope(organization.pk):
            profiles = list(RacerProfile.objects.all())
            with CaptureQueriesContext(connection) as queries:
                assert find_wanted(profiles=profiles)[profiles[0].pk].limits == Limits(None, None)
        counts.add(len(queries))
    assert counts == {2}
