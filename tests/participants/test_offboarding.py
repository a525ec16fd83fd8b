"""Taking everything back: in order, proven by reading back, and only what nobody else needs."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.domain.connections import open_racing
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.domain.offboarding.ending import EventHasEnded
from participants.domain.offboarding.kinds import PATIENCE, REGISTRATION_KINDS
from participants.domain.offboarding.proof import count_outcomes
from participants.domain.offboarding.retrying import retry_quarantined
from participants.domain.registration import RegistrationRefused
from participants.models import Registration, Step, UsageDay
from tests.participants.offboarding import Stage
from tests.support.convergence import converge_until, hurry, run_due_work, settle
from tests.support.racing import advance, build_racing_account, join
from tests.support.sandbox import Sandbox
from tests.support.world import sign_up

pytestmark = pytest.mark.django_db(transaction=True)

STATUS = Registration.Status


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def entra(sandbox: Sandbox) -> Stage:
    return Stage(sandbox, directory="entra")


def status_of(registration: Registration) -> str:
    with organization_scope(registration.organization_id):
        return Registration.objects.with_status().get(pk=registration.pk).status


def test_an_event_ends_with_nothing_left(stage: Stage) -> None:
    ann, bob = stage.admit("ann", "bob")
    stage.train("ann")
    stage.end()
    assert status_of(ann) == STATUS.REMOVING
    settle()
    for name in ("ann", "bob"):
        racer = stage.racer(name)
        assert (racer["max_minutes"], racer["max_models"], racer["state"]) == (0, 0, "DISABLED")
        assert stage.models_of(name) == []
    assert not any(job["status"] in ("QUEUED", "INITIALIZING", "IN_PROGRESS") for job in stage.racing["jobs"])
    assert stage.members() == set()
    assert stage.assignments() == []
    assert stage.racing["active"] is False
    assert {status_of(ann), status_of(bob)} == {STATUS.REMOVED}
    with organization_scope(stage.organization.pk):
        tally = count_outcomes(event=stage.event)
        assert AuditEntry.objects.filter(action="ended the event for 2 people").exists()
    assert (tally.gone, tally.going, tally.quarantined, tally.is_proven) == (2, 0, 0, True)
    evidence = stage.evidence(ann)
    assert re.fullmatch(r"Read back: quota 0 minutes, 1\d minutes used\.", evidence.pop("remove_quota"))
    assert evidence == {
        "remove_sponsorship": "Read back: paused.",
        "remove_jobs": "Read back: nothing is left to stop.",
        "remove_waiting": "Read back: 1 model, none in work.",
        "remove_models": "Read back: no models.",
        "remove_membership": "Read back from IAM Identity Center: not in the group.",
        "remove_profile": "Read back: disabled. The service cannot delete profiles.",
    }
    assert all("read back" in detail for detail in stage.evidence(None).values())


def test_everything_happens_in_its_order(stage: Stage) -> None:
    """Whatever is seen at the service after any batch, a later thing is never gone before an earlier one."""
    stage.admit("ann", "bob")
    stage.train("ann", "bob")
    facts: list[Callable[[], bool]] = [
        lambda: all(stage.racer(name)["max_minutes"] == 0 for name in ("ann", "bob")),
        lambda: all(stage.racer(name)["state"] != "ACTIVE" for name in ("ann", "bob")),
        lambda: not any(job["status"] == "IN_PROGRESS" for job in stage.racing["jobs"]),
        lambda: not stage.racing["models"],
        lambda: not stage.assignments(),
        lambda: not stage.members(),
        lambda: all(stage.racer(name)["state"] == "DISABLED" for name in ("ann", "bob")),
        lambda: not stage.racing["active"],
    ]
    seen: list[list[bool]] = []

    def is_over() -> bool:
        # The last facts are read first: what comes about meanwhile must not look as if it had come too early.
        seen.append([fact() for fact in reversed(facts)][::-1])
        return all(seen[-1])

    stage.end()
    converge_until(is_over)
    assert seen[0] == [False] * len(facts)
    assert [row for row in seen if row != sorted(row, reverse=True)] == []
    assert len({tuple(row) for row in seen}) > len(facts) / 2


def test_running_every_step_again_changes_nothing(stage: Stage) -> None:
    (ann,) = stage.admit("ann")
    stage.train("ann")
    join(stage.sandbox, stage.account, "stranger")  # who keeps the mode on, or nobody could be looked at
    stage.end()
    settle()
    before = stage.racing["profiles"], stage.members(), stage.assignments()
    with organization_scope(stage.organization.pk):
        Step.objects.filter(kind__startswith="remove_").update(state="ready", due_at=timezone.now())
    settle()
    assert set(stage.states(ann).values()) == {"done"}
    assert (stage.racing["profiles"], stage.members(), stage.assignments()) == before


def test_ending_takes_as_many_statements_for_many_people(stage: Stage) -> None:
    counts = []
    for number in (1, 12):
        event = stage.add_event()
        for each in range(number):
            sign_up(event, f"racer{number}-{each}")
        with CaptureQueriesContext(connection) as queries:
            stage.end(event)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 60


def test_an_event_ends_once(stage: Stage) -> None:
    stage.end()
    with pytest.raises(EventHasEnded):
        stage.end()
    with pytest.raises(RegistrationRefused):
        sign_up(stage.event, "late")


def test_an_event_without_people_closes_its_account(stage: Stage) -> None:
    stage.end()
    settle()
    assert set(stage.states(None).values()) == {"done"}
    assert stage.racing["active"] is False


class TestGivingEnds:
    def test_no_mail_goes_out_after_removal(self, stage: Stage) -> None:
        ann = sign_up(stage.event, "ann")
        converge_until(lambda: "ann" in stage.members())
        stage.remove(ann)
        settle()
        assert stage.sandbox.mailbox() == []
        assert stage.members() == set()
        assert status_of(ann) == STATUS.REMOVED
        with organization_scope(stage.organization.pk):
            assert not Step.objects.filter(registration=ann, kind="welcome").exists()

    def test_what_is_in_work_is_waited_for_and_dropped(self, stage: Stage) -> None:
        """A worker may be adding somebody to the group at this moment: taken out too early, they would stay in."""
        ann = sign_up(stage.event, "ann")
        with organization_scope(stage.organization.pk):
            adding = Step.objects.filter(registration=ann, kind="membership")
            adding.update(state="claimed", claim="00000000-0000-4000-8000-000000000001", claimed_at=timezone.now())
        stage.remove(ann)
        for _ in range(4):
            run_due_work()
            hurry()
        assert set(stage.states(ann).values()) == {"ready", "blocked"}
        with organization_scope(stage.organization.pk):
            adding.update(state="ready", claim=None, claimed_at=None)
        settle()
        assert set(stage.states(ann).values()) == {"done"}
        assert stage.members() == set()
        with organization_scope(stage.organization.pk):
            assert not adding.exists()

    def test_whoever_signed_in_unseen_is_found_first(self, stage: Stage) -> None:
        ann = sign_up(stage.event, "ann", racer_alias="ann")
        settle()
        join(stage.sandbox, stage.account, "ann")
        stage.remove(ann)
        settle()
        assert stage.racer("ann")["state"] == "DISABLED"

    def test_whoever_signs_in_with_an_old_session_is_taken_back_then(self, stage: Stage) -> None:
        ann = sign_up(stage.event, "ann", racer_alias="ann")
        settle()
        stage.remove(ann)
        settle()
        join(stage.sandbox, stage.account, "ann")
        stage.sync()
        assert status_of(ann) == STATUS.REMOVING
        settle()
        assert stage.racer("ann")["state"] == "DISABLED"
        stage.sync()
        assert status_of(ann) == STATUS.REMOVED

    def test_whoever_never_came_leaves_without_a_trace(self, stage: Stage) -> None:
        ann = sign_up(stage.event, "ann")
        settle()
        stage.remove(ann)
        settle()
        evidence = stage.evidence(ann)
        assert evidence.pop("remove_membership").startswith("Read back")
        assert set(evidence.values()) == {"Has never signed in: nothing to take back."}


class TestReadmission:
    def test_goes_the_whole_way_again(self, stage: Stage) -> None:
        (ann,) = stage.admit("ann")
        stage.remove(ann)
        settle()
        assert stage.members() == set()
        again = sign_up(stage.event, "ann", racer_alias="ann")
        assert again.pk == ann.pk
        settle()
        assert status_of(ann) == STATUS.READY
        assert stage.members() == {"ann"}
        assert stage.racer("ann")["state"] == "ACTIVE"
        assert stage.racer("ann")["max_minutes"] > 0
        assert len(stage.sandbox.mailbox()) == 2
        assert stage.steps(ann) == []

    def test_takes_a_place_like_everybody(self, stage: Stage) -> None:
        event = stage.add_event(capacity=1)
        ann = sign_up(event, "ann")
        stage.remove(ann)
        bob = sign_up(event, "bob")
        assert status_of(bob) == STATUS.REGISTERED
        assert sign_up(event, "ann").removed_at
        assert status_of(ann) == STATUS.REMOVING

    def test_waits_for_what_is_being_taken_back(self, stage: Stage) -> None:
        ann = sign_up(stage.event, "ann")
        settle()
        stage.remove(ann)
        with organization_scope(stage.organization.pk):
            leaving = Step.objects.filter(registration=ann, kind="remove_membership")
            leaving.update(state="claimed", claim="00000000-0000-4000-8000-000000000001", claimed_at=timezone.now())
        sign_up(stage.event, "ann")
        for _ in range(4):
            run_due_work()
            hurry()
        assert status_of(ann) == STATUS.REGISTERED
        with organization_scope(stage.organization.pk):
            leaving.update(state="ready", claim=None, claimed_at=None)
        settle()
        assert status_of(ann) == STATUS.READY
        assert stage.members() == {"ann"}
        assert stage.steps(ann) == []


class TestAnotherEvent:
    """Ann takes part in two events on one account, Bob in the one that ends alone."""

    def test_keeps_what_it_needs(self, stage: Stage) -> None:
        other = stage.add_event(title="Winter Cup")
        ann, bob = stage.admit("ann", "bob")
        stage.admit("ann", event=other)
        stage.train("ann", "bob")
        stage.end()
        settle()
        assert (stage.racer("bob")["state"], stage.models_of("bob")) == ("DISABLED", [])
        assert stage.racer("ann")["state"] == "ACTIVE"
        assert stage.racer("ann")["max_minutes"] > 0
        assert len(stage.models_of("ann")) == 1
        assert any(job["status"] == "IN_PROGRESS" for job in stage.racing["jobs"])
        assert stage.members() == {"ann"}
        assert len(stage.assignments()) == 1
        assert stage.racing["active"] is True
        kept = [kind for kind, detail in stage.evidence(ann).items() if "still in “Winter Cup”" in detail]
        assert kept == [kind for kind in REGISTRATION_KINDS if kind != "remove_membership"]
        assert "still in" not in " ".join(stage.evidence(bob).values())
        assert "people of “Winter Cup” race there" in stage.evidence(None)["remove_mode"]
        stage.end(other)
        settle()
        assert (stage.racer("ann")["state"], stage.models_of("ann")) == ("DISABLED", [])
        assert stage.racing["active"] is False

    def test_that_has_removed_them_needs_nothing(self, stage: Stage) -> None:
        other = stage.add_event()
        (ann,) = stage.admit("ann")
        (also_ann,) = stage.admit("ann", event=other)
        stage.remove(also_ann)
        settle()
        assert stage.racer("ann")["state"] == "ACTIVE"
        stage.remove(ann)
        settle()
        assert stage.racer("ann")["state"] == "DISABLED"

    def test_on_another_account_needs_nothing_here(self, stage: Stage) -> None:
        stage.admit("ann")
        other = stage.add_event(sponsoring_account=build_racing_account(stage.sandbox, stage.organization))
        sign_up(other, "ann")
        settle()
        stage.end()
        settle()
        assert stage.racer("ann")["state"] == "DISABLED"
        assert stage.racing["active"] is False

    def test_with_the_same_group_keeps_members_and_access(self, stage: Stage) -> None:
        shared, other = (
            stage.add_event(group_name="all-racers", title=title) for title in ("Autumn Cup", "Winter Cup")
        )
        ann, bob = stage.admit("ann", "bob", event=shared)
        stage.admit("ann", event=other)
        stage.end(shared)
        settle()
        assert stage.members() == {"ann"}
        assert stage.assignments() == ["all-racers"]
        assert "“Winter Cup” lets them in by the same group" in stage.evidence(ann)["remove_membership"]
        assert "“Winter Cup” uses the same group" in stage.evidence(None, shared)["remove_assignment"]
        assert "not in the group" in stage.evidence(bob)["remove_membership"]

    def test_racers_of_nobody_keep_the_mode(self, stage: Stage) -> None:
        stage.admit("ann")
        join(stage.sandbox, stage.account, "stranger")
        stage.end()
        settle()
        assert stage.racing["active"] is True
        assert stage.racer("stranger")["state"] == "ACTIVE"
        assert "still sponsors 1 racer" in stage.evidence(None)["remove_mode"]


class TestModels:
    def test_are_kept_as_chosen(self, stage: Stage) -> None:
        (ann,) = stage.admit("ann")
        stage.train("ann")
        stage.end(keeps_models=True)
        settle()
        assert len(stage.models_of("ann")) == 1
        assert stage.evidence(ann)["remove_models"].startswith("Kept as chosen. Read back: 1 model")
        assert "1 model stay out of sight there" in stage.evidence(None)["remove_mode"]
        assert stage.racer("ann")["state"] == "DISABLED"

    def test_in_work_are_waited_for(self, stage: Stage) -> None:
        """A job that cannot be stopped runs to its end, and its model goes then."""
        (ann,) = stage.admit("ann")
        stage.train("ann", minutes=60)
        stage.sandbox.race("evaluate", account_id=stage.account.account_id, racers=["ann"], minutes=30)
        stage.remove(ann)
        converge_until(lambda: stage.states(ann)["remove_jobs"] == "done")
        advance(stage.sandbox, minutes=120)
        settle()
        assert stage.models_of("ann") == []


class TestQuarantine:
    def test_a_change_that_was_ignored_does_not_count(self, stage: Stage) -> None:
        (ann,) = stage.admit("ann")
        stage.train("ann")
        stage.sandbox.knobs(racing_ignores_changes=True)
        stage.end()
        settle()
        states, evidence = stage.states(ann), stage.evidence(ann)
        assert [kind for kind, state in states.items() if state == "failed"] == [
            "remove_quota",
            "remove_sponsorship",
            "remove_models",
            "remove_profile",
        ]
        assert evidence["remove_quota"].startswith(f"Given up after {PATIENCE.attempts} attempts. The service took")
        # Everything that could be taken was taken all the same.
        assert stage.members() == set()
        assert stage.assignments() == []
        assert stage.racing["active"] is True
        assert stage.states(None)["remove_mode"] == "blocked"
        assert status_of(ann) == STATUS.REMOVING
        stage.sandbox.knobs(racing_ignores_changes=False)
        with organization_scope(stage.organization.pk):
            assert count_outcomes(event=stage.event).quarantined == 1
            assert retry_quarantined(event=stage.event, actor=None) == 4
        settle()
        assert set(stage.states(ann).values()) | set(stage.states(None).values()) == {"done"}
        assert (stage.racer("ann")["state"], stage.models_of("ann")) == ("DISABLED", [])
        assert stage.racing["active"] is False

    def test_a_refusal_ends_at_a_person_at_once(self, stage: Stage) -> None:
        """Who may not enter the account any more still takes people out of the group."""
        (ann,) = stage.admit("ann")
        with organization_scope(stage.organization.pk):
            type(stage.account).objects.filter(pk=stage.account.pk).update(external_id="another")
        stage.end()
        settle()
        assert "sts:ExternalId" in stage.evidence(ann)["remove_quota"]
        assert stage.members() == set()

    def test_nobody_is_gone_because_the_mode_hides_them(self, stage: Stage) -> None:
        (ann,) = stage.admit("ann")
        with organization_scope(stage.organization.pk):
            open_racing(stage.account).set_active(False)
        stage.end()
        settle()
        assert "Switch it on" in stage.evidence(ann)["remove_profile"]
        assert stage.states(ann)["remove_profile"] == "failed"
        assert stage.members() == set()

    def test_waiting_ends_too(self, stage: Stage) -> None:
        (ann,) = stage.admit("ann")
        stage.train("ann", minutes=200, run=10)
        stage.sandbox.knobs(racing_speed=0)
        stage.remove(ann)
        converge_until(lambda: stage.states(ann)["remove_waiting"] in ("ready", "done"))
        with organization_scope(stage.organization.pk):
            long_ago = timezone.now() - timedelta(days=1)
            Step.objects.filter(kind="remove_waiting", state="ready").update(ready_at=long_ago)
        settle()
        assert stage.states(ann)["remove_membership"] == "done"


class TestEntra:
    def test_one_person_is_out_when_identity_center_says_so(self, entra: Stage) -> None:
        ann, _ = entra.admit("ann", "bob")
        entra.remove(ann)
        converge_until(lambda: "next cycle" in entra.evidence(ann)["remove_membership"])
        assert entra.members() == {"ann", "bob"}
        entra.settle_with_cycles()
        assert entra.members() == {"bob"}
        assert entra.evidence(ann)["remove_membership"].startswith("Read back from Microsoft Entra and from IAM")

    def test_an_event_does_not_wait_for_the_cycle(self, entra: Stage) -> None:
        (ann,) = entra.admit("ann")
        entra.end()
        settle()
        assert entra.assignments() == []
        assert "was taken away before" in entra.evidence(ann)["remove_membership"]
        (tenant,) = entra.sandbox.state()["entra"]
        assert [group["members"] for group in tenant["groups"]] == [[]]


class TestDeepRacerOnAws:
    @pytest.fixture
    def deployment(self, sandbox: Sandbox) -> Stage:
        return Stage(sandbox, kind="deepracer_on_aws")

    def test_profiles_go_with_everything_in_them(self, deployment: Stage) -> None:
        ann, bob = deployment.admit("ann", "bob")
        deployment.train("ann")
        deployment.end()
        settle()
        # What is left is whom Paddock itself signs in as.
        assert [profile["email"] for profile in deployment.racing["profiles"]] == [deployment.account.admin_email]
        assert deployment.racing["models"] == []
        assert not any(job["status"] == "IN_PROGRESS" for job in deployment.racing["jobs"])
        assert set(deployment.states(ann).values()) | set(deployment.states(None).values()) == {"done"}
        evidence = deployment.evidence(bob)
        assert evidence["remove_sponsorship"].startswith("This account knows no pause; a quota of 0 minutes stands in")
        assert evidence["remove_profile"] == "Read back: the service lists this racer no more."
        with organization_scope(deployment.organization.pk):
            used = UsageDay.objects.filter(profile__participant=ann.participant).aggregate(Sum("training_seconds"))
        assert used["training_seconds__sum"] >= 600

    def test_profiles_stay_with_models_that_are_kept(self, deployment: Stage) -> None:
        (ann,) = deployment.admit("ann")
        deployment.train("ann", minutes=10, run=60)
        deployment.remove(ann, keeps_models=True)
        settle()
        assert len(deployment.models_of("ann")) == 1
        assert deployment.racer("ann")["max_minutes"] == 0
        assert deployment.evidence(ann)["remove_profile"].startswith("Kept with its models, as chosen")
