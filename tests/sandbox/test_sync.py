"""Entra's way into Identity Center: the cycle, its clock, and the push on demand."""

import json
import time
from typing import Any

import pytest

from tests.sandbox.world import JOB, SERVICE_PRINCIPAL, Graph
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until

JOBS = f"/servicePrincipals/{SERVICE_PRINCIPAL}/synchronization/jobs"


def target(sandbox: Sandbox) -> dict[str, Any]:
    center: dict[str, Any] = sandbox.state()["identity_center"][0]
    return center


def members(sandbox: Sandbox, name: str = "event") -> list[str]:
    return next((group["members"] for group in target(sandbox)["groups"] if group["display_name"] == name), [])


def result(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return str(json.loads(answer.json()["key"])["result"])


@pytest.fixture
def group_id(graph: Graph) -> str:
    created = graph.create_group("event")
    assert graph.assign(created).status_code == 201
    return created


def test_only_assigned_groups_are_exported(sandbox: Sandbox, graph: Graph, group_id: str) -> None:
    other = graph.create_group("other")
    graph.bind(group_id, graph.user_ids(2))
    graph.bind(other, graph.user_ids(1, "stranger"))
    sandbox.sync()
    center = target(sandbox)
    assert [group["display_name"] for group in center["groups"]] == ["event"]
    assert members(sandbox) == ["racer0@contoso.example", "racer1@contoso.example"]


def test_assignments_are_listed_and_unique(graph: Graph, group_id: str) -> None:
    listed = graph.call("GET", f"/servicePrincipals/{SERVICE_PRINCIPAL}/appRoleAssignedTo").json()["value"]
    assert [assignment["principalId"] for assignment in listed] == [group_id]
    assert graph.assign(group_id).status_code == 400


def test_people_whom_aws_refuses_are_skipped(sandbox: Sandbox, graph: Graph, group_id: str) -> None:
    for mail in ("no.names@contoso.example", "odd.name@contoso.example", "ann@contoso.example"):
        graph.add(group_id, graph.user_id(mail))
    sandbox.sync()
    assert members(sandbox) == ["ann@contoso.example"]
    user_id = graph.user_id("no.names@contoso.example")
    graph.call("PATCH", f"/users/{user_id}", {"givenName": "No", "surname": "Names"})
    sandbox.sync()
    assert members(sandbox) == ["ann@contoso.example", "no.names@contoso.example"]


def test_removals_are_exported(sandbox: Sandbox, graph: Graph, group_id: str) -> None:
    users = graph.user_ids(2)
    graph.bind(group_id, users)
    sandbox.sync()
    graph.call("DELETE", f"/groups/{group_id}/members/{users[0]}/$ref")
    sandbox.sync()
    assert members(sandbox) == ["racer1@contoso.example"]
    assert {user["user_name"]: user["status"] for user in target(sandbox)["users"]} == {
        "racer0@contoso.example": "DISABLED",
        "racer1@contoso.example": "ENABLED",
    }
    graph.call("DELETE", f"/groups/{group_id}")
    sandbox.sync()
    assert target(sandbox)["groups"] == []


def test_the_target_is_never_read_again(sandbox: Sandbox, graph: Graph, group_id: str, aws: Any) -> None:
    graph.bind(group_id, graph.user_ids(1))
    sandbox.sync()
    store, center = aws.client("identitystore"), target(sandbox)
    key = {"IdentityStoreId": center["identity_store_id"]}
    (membership,) = store.list_group_memberships(**key, GroupId=center["groups"][0]["id"])["GroupMemberships"]
    store.delete_group_membership(**key, MembershipId=membership["MembershipId"])
    sandbox.sync()
    assert members(sandbox) == []


def test_exported_users_carry_their_origin(sandbox: Sandbox, graph: Graph, group_id: str, aws: Any) -> None:
    (user_id,) = graph.user_ids(1)
    graph.bind(group_id, [user_id])
    sandbox.sync()
    center = target(sandbox)
    user = aws.client("identitystore").describe_user(
        IdentityStoreId=center["identity_store_id"], UserId=center["users"][0]["id"]
    )
    assert user["ExternalIds"][0]["Id"] == user_id
    assert user["Emails"][0]["Value"] == user["UserName"] == "racer0@contoso.example"


def test_two_thousand_members_are_synced_quickly(sandbox: Sandbox, graph: Graph, group_id: str) -> None:
    sandbox.knobs(throttles=False)
    users = graph.user_ids(2000)
    for start in range(0, 2000, 20):
        assert graph.bind(group_id, users[start : start + 20]).status_code == 204
    began = time.monotonic()
    sandbox.sync()
    assert time.monotonic() - began < 10  # one second on a machine with nothing else to do
    assert target(sandbox)["memberships"] == 2000


def test_the_clock_runs_by_the_knob(sandbox: Sandbox, graph: Graph, group_id: str) -> None:
    graph.bind(group_id, graph.user_ids(1))
    before = graph.call("GET", f"{JOBS}/{JOB}").json()["status"]["lastExecution"]["timeEnded"]
    sandbox.knobs(sync_interval_seconds=0.3)
    wait_until(lambda: members(sandbox) == ["racer0@contoso.example"])
    job = graph.call("GET", f"{JOBS}/{JOB}").json()
    assert job["schedule"]["interval"] == "PT0.3S"
    assert job["status"]["lastExecution"]["timeEnded"] > before


def test_the_interval_is_forty_minutes(graph: Graph) -> None:
    (job,) = graph.call("GET", JOBS).json()["value"]
    assert (job["id"], job["schedule"]["interval"], job["status"]["quarantine"]) == (JOB, "PT40M", None)


def test_a_push_takes_exactly_the_named_members(sandbox: Sandbox, graph: Graph, group_id: str) -> None:
    users = graph.user_ids(6)
    graph.bind(group_id, users)
    assert result(graph.push(group_id, users[:5])) == "Success"
    assert len(members(sandbox)) == 5
    assert result(graph.push(group_id, users[:5])) == "Skipped"
    assert graph.push(group_id, users).status_code == 400


def test_a_push_reports_whom_aws_refuses(sandbox: Sandbox, graph: Graph, group_id: str) -> None:
    users = [graph.user_id("no.names@contoso.example"), graph.user_id("ann@contoso.example")]
    graph.bind(group_id, users)
    answer = graph.push(group_id, users)
    assert result(answer) == "Failure"
    steps = {s["details"]["objectId"]: s["status"] for s in json.loads(answer.json()["value"])["provisioningSteps"]}
    assert (steps[users[0]], steps[users[1]]) == ("Failure", "Success")
    assert members(sandbox) == ["ann@contoso.example"]


def test_a_group_that_is_not_assigned_is_skipped(graph: Graph) -> None:
    group_id, users = graph.create_group("other"), graph.user_ids(1)
    graph.bind(group_id, users)
    answer = graph.push(group_id, users)
    assert result(answer) == "Skipped"
    assert json.loads(answer.json()["key"])["details"] == {"SkipReason": "NotEffectivelyEntitled"}


def test_five_pushes_in_ten_seconds(sandbox: Sandbox, graph: Graph, group_id: str) -> None:
    users = graph.user_ids(1)
    graph.bind(group_id, users)
    statuses = [graph.push(group_id, users).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert 0 < int(graph.push(group_id, users).headers["Retry-After"]) <= 10
    sandbox.knobs(throttles=False)
    assert graph.push(group_id, users).status_code == 200
