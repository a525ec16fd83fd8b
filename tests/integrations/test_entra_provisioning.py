"""The provisioning job: when it runs next, and pushing people ahead of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from integrations.directories.entra.client import GraphAnswer
from integrations.directories.entra.directory import EntraDirectory
from integrations.directories.entra.provisioning import Provisioning, _next_cycle, _read_push
from integrations.directories.identity_center.directory import IdentityCenter
from integrations.errors import IntegrationError
from tests.integrations import world
from tests.support.sandbox import Sandbox

PUSH = "POST /servicePrincipals/{id}/synchronization/jobs/{id}/provisionOnDemand"


@pytest.fixture
def directory(sandbox: Sandbox) -> EntraDirectory:
    return EntraDirectory(world.ENTRA)


def fill_group(directory: EntraDirectory, count: int) -> tuple[str, list[str]]:
    group_id = directory.ensure_group(name="paddock-push", description="")
    user_ids = [str(user_id) for user_id in directory.find_people(world.people(count)).values()]
    assert directory.add_members(group_id, user_ids) == dict.fromkeys(user_ids)
    return group_id, user_ids


class TestPush:
    def test_brings_people_into_identity_center_five_a_call(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        group_id, user_ids = fill_group(directory, 12)
        assert Provisioning(world.ENTRA).push(group_id, user_ids) == dict.fromkeys(user_ids)
        assert sandbox.calls()["graph"][PUSH] == 3
        center = IdentityCenter(world.IDENTITY_CENTER)
        target = center.find_group("paddock-push")
        assert target is not None
        assert sum(len(page) for page in center.list_members(target)) == 12

    def test_pushing_again_is_success(self, directory: EntraDirectory) -> None:
        group_id, user_ids = fill_group(directory, 5)
        provisioning = Provisioning(world.ENTRA)
        provisioning.push(group_id, user_ids)
        assert provisioning.push(group_id, user_ids) == dict.fromkeys(user_ids)

    def test_whom_the_limit_does_not_reach_comes_again(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        group_id, user_ids = fill_group(directory, 30)
        outcomes = Provisioning(world.ENTRA).push(group_id, user_ids)
        assert [outcomes[user_id] for user_id in user_ids[:25]] == [None] * 25
        for user_id in user_ids[25:]:
            outcome = outcomes[user_id]
            assert isinstance(outcome, IntegrationError)
            assert not outcome.permanent
            assert 0 < (outcome.retry_after or 0) <= 11
        # The throttle refused the sixth call; the provider never saw it.
        assert sandbox.calls()["graph"][PUSH] == 5

    def test_one_persons_failure_is_theirs_alone(self, directory: EntraDirectory, sandbox: Sandbox) -> None:
        sandbox.seed(**world.seed(people=[{"mail": "anon@else.example", "given_name": None, "family_name": None}]))
        group_id, user_ids = fill_group(directory, 3)
        anonymous = str(directory.find_people([world.person("anon@else.example")])["anon@else.example"])
        directory.add_members(group_id, [anonymous])
        outcomes = Provisioning(world.ENTRA).push(group_id, [*user_ids, anonymous])
        assert [outcomes[user_id] for user_id in user_ids] == [None] * 3
        failure = outcomes[anonymous]
        assert isinstance(failure, IntegrationError)
        assert "givenName" in failure.message

    def test_a_group_out_of_scope_is_no_success(self, sandbox: Sandbox) -> None:
        unassigned = EntraDirectory(replace(world.ENTRA, service_principal_id=""))
        group_id, user_ids = fill_group(unassigned, 2)
        for outcome in Provisioning(world.ENTRA).push(group_id, user_ids).values():
            assert isinstance(outcome, IntegrationError)
            assert (outcome.permanent, outcome.retry_after) == (False, 60)

    @pytest.mark.parametrize(("count", "seconds"), [(0, 0), (1, 10), (25, 10), (26, 20), (300, 120), (1000, 400)])
    def test_foretells_its_time(self, count: int, seconds: float) -> None:
        assert Provisioning(world.ENTRA).seconds_to_push(count) == seconds

    @pytest.mark.parametrize(
        ("key", "value", "served"),
        [
            ('{"result":"Success","details":{}}', '{"provisioningSteps":[]}', {"u1", "u2"}),
            ('{"result":"Skipped","details":{"SkipReason":"RedundantExport"}}', "{}", {"u1", "u2"}),
            ('{"result":"Skipped","details":{"SkipReason":"NotEffectivelyEntitled"}}', "{}", set()),
            (
                '{"result":"Failure"}',
                '{"provisioningSteps":[{"status":"Failure","details":{"objectId":"u1"}}]}',
                {"u2"},
            ),
            ('{"result":"Failure"}', '{"provisioningSteps":[{"status":"failure","description":"No."}]}', set()),
            ('{"result":"Failure"}', '{"provisioningSteps":[{"status":"Failure","details":null}]}', set()),
            ('{"result":"Failure"}', '{"provisioningSteps":null}', set()),
            ("no json", "[]", set()),
            (None, None, set()),
        ],
    )
    def test_reads_every_form_of_answer(self, key: str, value: str, served: set[str]) -> None:
        outcomes = _read_push(["u1", "u2"], GraphAnswer(200, {"key": key, "value": value}))
        assert {user_id for user_id, outcome in outcomes.items() if outcome is None} == served


class TestCycle:
    @pytest.mark.parametrize("job_id", [world.JOB_ID, ""])
    def test_knows_when_the_next_one_is_due(self, sandbox: Sandbox, job_id: str) -> None:
        due = Provisioning(replace(world.ENTRA, job_id=job_id)).next_cycle()
        assert due is not None
        assert timedelta(minutes=39) < due - datetime.now(UTC) <= timedelta(minutes=40)

    def test_asks_once_for_all_processes(self, sandbox: Sandbox) -> None:
        for _ in range(3):
            Provisioning(world.ENTRA).next_cycle()
        assert sandbox.calls()["graph"]["GET /servicePrincipals/{id}/synchronization/jobs/{id}"] == 1
        cache.clear()
        Provisioning(world.ENTRA).next_cycle()
        assert sandbox.calls()["graph"]["GET /servicePrincipals/{id}/synchronization/jobs/{id}"] == 2

    @pytest.mark.parametrize(
        "job",
        [
            {},
            {"schedule": {"interval": "PT40M", "state": "Active"}, "status": {"lastExecution": None}},
            {"schedule": {"interval": "PT40M", "state": "Disabled"}, "status": {"lastExecution": {"timeEnded": "NOW"}}},
            {
                "schedule": {"interval": "PT40M"},
                "status": {"code": "Quarantine", "lastExecution": {"timeEnded": "NOW"}},
            },
            {"schedule": {"interval": "PT40M"}, "status": {"lastExecution": {"timeEnded": "2020-01-01T00:00:00Z"}}},
            {"schedule": {"interval": "often"}, "status": {"lastExecution": {"timeEnded": "NOW"}}},
        ],
    )
    def test_expects_none_of_a_job_that_does_not_run(self, job: dict[str, Any]) -> None:
        execution = job.get("status", {}).get("lastExecution") or {}
        if execution.get("timeEnded") == "NOW":
            execution["timeEnded"] = datetime.now(UTC).isoformat()
        assert _next_cycle(job) is None

    def test_reads_times_with_seven_digits_of_a_second(self) -> None:
        ended = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z"
        job = {"schedule": {"interval": "PT40M"}, "status": {"lastExecution": {"timeEnded": ended}}}
        assert _next_cycle(job) is not None

    def test_a_missing_job_says_where_to_make_one(self, sandbox: Sandbox) -> None:
        config = replace(world.ENTRA, service_principal_id="00000000-0000-4000-8000-000000000404")
        with pytest.raises(IntegrationError) as raised:
            Provisioning(config).next_cycle()
        assert raised.value.permanent
