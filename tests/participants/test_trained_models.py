"""Models of racers: seen as they are, and deleted as chosen, over the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event, SponsoringAccount
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.domain.trained_models.deleting import delete_models, find_carriers, find_incomplete
from participants.domain.trained_models.refreshing import find_looks, refresh_account, see_models
from participants.domain.usage.syncing import sync_account
from participants.models import Operation, RacerProfile, Registration, Step, TrainedModel
from tests.support.convergence import converge_until, hurry, run_due_work, settle
from tests.support.racing import advance, build_racing_account, join, look, train
from tests.support.sandbox import Sandbox
from tests.support.world import build_event, build_organization, sign_up

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = ("multi_user", "deepracer_on_aws")


@dataclass
class Scene:
    sandbox: Sandbox
    account: SponsoringAccount
    event: Event
    registrations: dict[str, Registration]

    def racer(self, alias: str) -> RacerProfile:
        with organization_scope(self.event.organization_id):
            rows = RacerProfile.objects.select_related("sponsoring_account", "participant")
            return rows.get(participant=self.registrations[alias].participant_id)

    def train(self, alias: str, *names: str, minutes: int = 10, finish: bool = True) -> None:
        for name in names:
            racer = self.racer(alias).service_id
            outcome = train(self.sandbox, self.account, racer, minutes=minutes, model=name)[racer]
            assert outcome["accepted"], outcome
        if finish:
            advance(self.sandbox, 60)

    def refresh(self) -> None:
        with organization_scope(self.event.organization_id):
            refresh_account(account_id=self.account.pk)

    def stored(self, alias: str = "") -> list[TrainedModel]:
        with organization_scope(self.event.organization_id):
            rows = TrainedModel.objects.select_related("profile__sponsoring_account").order_by("name")
            return [row for row in rows if not alias or row.profile_id == self.racer(alias).pk]

    def at_service(self) -> list[str]:
        return sorted(model["name"] for model in look(self.sandbox, self.account)["models"])

    def delete(self, models: Sequence[TrainedModel]) -> list[Operation]:
        with organization_scope(self.event.organization_id):
            return delete_models(models=models, carriers=find_carriers(models), actor=None, reason="A test")

    def step(self, alias: str) -> Step:
        with organization_scope(self.event.organization_id):
            return Step.objects.get(registration=self.registrations[alias], kind="models")

    def finish(self, alias: str) -> str:
        converge_until(lambda: self.step(alias).state in ("done", "failed"))
        return self.step(alias).detail


def build_scene(sandbox: Sandbox, *aliases: str, kind: str = "multi_user", **fields: Any) -> Scene:
    organization = build_organization(sandbox, directory="identity_center")
    account = build_racing_account(sandbox, organization, kind=kind, **fields)
    event = build_event(organization, sponsoring_account=account)
    registrations = {alias: sign_up(event, alias, racer_alias=alias) for alias in aliases}
    if kind == "multi_user":
        join(sandbox, account, *aliases)
    else:
        settle()
        join(sandbox, account, **{alias: each.participant.email for alias, each in registrations.items()})
    with organization_scope(organization.pk):
        assert sync_account(account_id=account.pk)
    return Scene(sandbox, account, event, registrations)


class TestSeeing:
    @pytest.mark.parametrize("kind", KINDS)
    def test_one_racer_is_seen_live(self, sandbox: Sandbox, kind: str) -> None:
        scene = build_scene(sandbox, "ann", "ben", kind=kind)
        scene.train("ann", "first", "second")
        scene.train("ben", "other")
        with organization_scope(scene.event.organization_id):
            reading = see_models(racer=scene.racer("ann"))
            assert sorted(reading.models.values_list("name", "status")) == [("first", "ready"), ("second", "ready")]
        assert reading.as_of
        assert reading.problem == ""
        assert scene.stored("ben") == []

    def test_without_an_answer_there_is_what_was_seen_last(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann")
        scene.train("ann", "first")
        with organization_scope(scene.event.organization_id):
            before = see_models(racer=scene.racer("ann"))
            sandbox.knobs(failure_rate=1)
            reading = see_models(racer=scene.racer("ann"))
            assert [model.name for model in reading.models] == ["first"]
        assert reading.problem
        assert before.as_of
        assert reading.as_of
        assert reading.as_of - before.as_of < timedelta(seconds=1)

    def test_who_never_came_has_none(self, sandbox: Sandbox) -> None:
        organization = build_organization(sandbox)
        account = build_racing_account(sandbox, organization)
        sign_up(build_event(organization, sponsoring_account=account), "ann")
        with organization_scope(organization.pk):
            reading = see_models(racer=RacerProfile.objects.select_related("sponsoring_account").get())
            assert "does not know this racer yet" in reading.problem
        assert reading.as_of is None

    @pytest.mark.parametrize("kind", KINDS)
    def test_everybody_is_read_and_what_is_gone_goes(self, sandbox: Sandbox, kind: str) -> None:
        scene = build_scene(sandbox, "ann", "ben", kind=kind)
        scene.train("ann", "first")
        scene.train("ben", "other")
        scene.refresh()
        assert [model.name for model in scene.stored()] == ["first", "other"]
        scene.delete(scene.stored("ann"))
        scene.finish("ann")
        scene.refresh()
        assert [model.name for model in scene.stored()] == ["other"]
        assert find_looks([scene.account])[scene.account.pk].problem == ""

    def test_a_failure_keeps_what_is_known_and_says_why(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann")
        scene.train("ann", "first")
        scene.refresh()
        read_at = find_looks([scene.account])[scene.account.pk].as_of
        sandbox.knobs(failure_rate=1)
        scene.refresh()
        after = find_looks([scene.account])[scene.account.pk]
        assert (after.as_of, bool(after.problem)) == (read_at, True)
        assert [model.name for model in scene.stored()] == ["first"]

    def test_reading_costs_the_same_for_any_number(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann", "ben")
        counts = set()
        for names in (("a",), ("b", "c", "d"), ("e", "f", "g")):
            scene.train("ann", *names)
            scene.train("ben", *names)
            with CaptureQueriesContext(connection) as queries:
                scene.refresh()
            counts.add(len(queries))
        assert len(counts) == 1


class TestDeleting:
    def test_what_was_chosen_goes_and_nothing_else(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann", "ben")
        scene.train("ann", "keep", "drop-1", "drop-2")
        scene.train("ben", "other")
        scene.refresh()
        (operation,) = scene.delete([model for model in scene.stored() if model.name.startswith("drop")])
        assert (operation.title, operation.total) == ("Delete 2 models of 1 racer", 1)
        assert scene.finish("ann") == "Read back: the unwanted models are gone, 1 are left."
        assert scene.at_service() == ["keep", "other"]
        assert [model.name for model in scene.stored()] == ["keep", "other"]
        with organization_scope(scene.event.organization_id):
            entry = AuditEntry.objects.get(action="deleted 2 models of 1 racer")
        assert entry.reason == "A test"
        assert entry.changes == {"models": ["drop-1, drop-2", "to be deleted"]}

    def test_what_is_in_work_is_waited_for(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann")
        scene.train("ann", "idle")
        scene.train("ann", "busy", minutes=60, finish=False)
        advance(sandbox, 10)
        scene.refresh()
        scene.delete(scene.stored())
        for _ in range(4):
            run_due_work()
            hurry()
        assert scene.step("ann").detail == "Still in work: busy."
        converge_until(lambda: scene.at_service() == ["busy"])
        advance(sandbox, 120)
        assert scene.finish("ann") == "Read back: the unwanted models are gone, 0 are left."
        assert scene.at_service() == []

    def test_an_account_of_all_or_nothing(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann", "ben", kind="deepracer_on_aws")
        scene.train("ann", "one", "two")
        scene.train("ben", "three")
        scene.refresh()
        with organization_scope(scene.event.organization_id):
            assert find_incomplete(scene.stored("ann")[:1]) == {scene.racer("ann").pk: 2}
            assert find_incomplete(scene.stored()) == {}
        scene.delete(scene.stored("ann"))
        assert scene.finish("ann") == "Read back: the unwanted models are gone, 0 are left."
        assert scene.at_service() == ["three"]

    def test_all_or_nothing_spares_what_was_made_since(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann", kind="deepracer_on_aws")
        scene.train("ann", "one")
        scene.refresh()
        scene.delete(scene.stored("ann"))
        scene.train("ann", "precious")
        detail = scene.finish("ann")
        assert "has others as well: precious. Nothing was deleted." in detail
        assert scene.at_service() == ["one", "precious"]

    def test_who_has_left_may_have_left_models(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann")
        scene.train("ann", "one")
        scene.refresh()
        with organization_scope(scene.event.organization_id):
            Registration.objects.update(removed_at="2026-01-01T00:00Z")
        scene.delete(scene.stored())
        assert scene.finish("ann") == "Read back: the unwanted models are gone, 0 are left."

    def test_faults_lose_nothing(self, sandbox: Sandbox) -> None:
        scene = build_scene(sandbox, "ann", "ben")
        scene.train("ann", "keep", "drop")
        scene.train("ben", "drop")
        scene.refresh()
        sandbox.knobs(failure_rate=0.2)
        scene.delete([model for model in scene.stored() if model.name == "drop"])
        for alias in ("ann", "ben"):
            assert scene.finish(alias).startswith("Read back")
        assert scene.at_service() == ["keep"]
