"""Knobs, injected failures, counters, seeds and the file that keeps the state."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import BotoCoreError, ClientError

from tests.sandbox import world
from tests.sandbox.world import Aws, Graph
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until


@pytest.mark.parametrize(
    "changes",
    [{"failure_rate": 1.1}, {"failure_rate": -1}, {"throttles": 1}, {"sync_interval_seconds": 0}, {"unknown": 1}],
)
def test_a_wrong_knob_is_named_and_nothing_changes(sandbox: Sandbox, changes: dict[str, Any]) -> None:
    before = sandbox.knobs()
    answer = requests.patch(f"{sandbox.url}/sandbox/knobs", json={"graph_latency_ms": 5, **changes}, timeout=60)
    assert answer.status_code == 400
    assert next(iter(changes)) in answer.json()["error"]
    assert sandbox.knobs() == before


@pytest.mark.parametrize(
    ("section", "entry", "complaint"),
    [("entra", {"tenant_id": "x"}, "entra[0] lacks"), ("nonsense", {}, "nonsense"), ("roles", {}, "roles[0] lacks")],
)
def test_a_wrong_seed_is_explained(sandbox: Sandbox, section: str, entry: dict[str, str], complaint: str) -> None:
    answer = requests.post(f"{sandbox.url}/sandbox/seed", json={section: [entry]}, timeout=60)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]


def test_seeding_twice_changes_nothing(sandbox: Sandbox) -> None:
    before = sandbox.state()
    sandbox.seed(**world.seed())
    assert sandbox.state() == before


def test_reset_forgets_everything(sandbox: Sandbox, graph: Graph) -> None:
    graph.create_group("event")
    sandbox.knobs(failure_rate=0.5)
    sandbox.reset()
    assert sandbox.state() == {"entra": [], "identity_center": []}
    assert (sandbox.calls(), sandbox.mailbox(), sandbox.knobs()["failure_rate"]) == ({}, [], 0)


def test_calls_are_counted_by_service_and_operation(sandbox: Sandbox, graph: Graph, aws: Aws) -> None:
    graph.create_group("event")
    aws.client("identitystore").list_users(IdentityStoreId=world.STORE)
    aws.client("pinpoint").get_apps()
    calls = sandbox.calls()
    assert calls["graph"] == {"POST /groups": 1}
    assert calls["identitystore"] == {"ListUsers": 1}
    assert calls["pinpoint"] == {"GetApps": 1}
    assert calls["sts"] == {"AssumeRole": 1}
    assert calls["login"]["POST /{tenant}/oauth2/v2.0/token"] == 1


@pytest.mark.parametrize("knob", ["graph_latency_ms", "aws_latency_ms"])
def test_latency(sandbox: Sandbox, graph: Graph, aws: Aws, knob: str) -> None:
    client = aws.client("sts")  # made before the clock starts: loading AWS' models takes longer than a call
    sandbox.knobs(**{knob: 1000})
    calls: dict[str, Callable[[], object]] = {
        "graph_latency_ms": lambda: graph.call("GET", "/groups"),
        "aws_latency_ms": client.get_caller_identity,
    }
    assert measure(calls.pop(knob)) >= 1
    (other,) = calls.values()
    wait_until(lambda: measure(other) < 1)  # on a busy machine a call may take as long by itself


def measure(call: Callable[[], object]) -> float:
    """Seconds."""
    began = time.monotonic()
    call()
    return time.monotonic() - began


def test_graph_fails_in_every_way(sandbox: Sandbox, graph: Graph) -> None:
    sandbox.knobs(failure_rate=1)
    seen: set[object] = set()
    for number in range(200):
        try:
            answer = graph.call("POST", "/groups", group(f"event-{number}"))
        except requests.ConnectionError:
            seen.add("no answer")
        else:
            seen.add(answer.status_code)
            assert answer.status_code != 429 or answer.headers["Retry-After"] == "1"
    sandbox.knobs(failure_rate=0)
    done = len(sandbox.state()["entra"][0]["groups"])
    assert seen == {429, 500, 503, "no answer"}
    assert 0 < done < 100, "only part of the unanswered calls have done their work"


def group(name: str) -> dict[str, object]:
    return {"displayName": name, "mailNickname": name, "mailEnabled": False, "securityEnabled": True}


@pytest.mark.parametrize(
    ("service", "call", "codes"),
    [
        (
            "identitystore",
            lambda client: client.list_users(IdentityStoreId=world.STORE),
            {"ThrottlingException", "InternalServerException", "ServiceUnavailableException"},
        ),
        (
            "pinpoint",
            lambda client: client.get_apps(),
            {"TooManyRequestsException", "InternalServerErrorException", "ServiceUnavailableException"},
        ),
        ("sts", lambda client: client.get_caller_identity(), {"Throttling", "InternalFailure", "ServiceUnavailable"}),
    ],
)
def test_aws_fails_in_its_own_words(sandbox: Sandbox, aws: Aws, service: str, call: Any, codes: set[str]) -> None:
    client = aws.client(service)
    sandbox.knobs(failure_rate=1)
    seen = set()
    for _ in range(100):
        try:
            call(client)
        except ClientError as error:
            seen.add(error.response["Error"]["Code"])
        except BotoCoreError as error:
            seen.add(type(error).__name__)
    assert seen == codes | {"ConnectionClosedError"}


def test_sign_in_fails_too(sandbox: Sandbox) -> None:
    sandbox.knobs(failure_rate=1)
    address = f"{sandbox.url}/login/{world.TENANT}/oauth2/v2.0/token"
    seen = set()
    for _ in range(60):
        try:
            seen.add(requests.post(address, data={}, timeout=60).status_code)
        except requests.ConnectionError:
            seen.add(0)
    assert seen == {0, 429, 500, 503}


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_the_state_survives_a_restart(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "sandbox.state"
    first = Sandbox(state=path).start()
    try:
        first.seed(**world.seed())
        graph, aws = Graph(first), Aws(first)
        group_id = graph.create_group("event")
        graph.assign(group_id)
        graph.bind(group_id, graph.user_ids(2))
        first.sync()
        aws.client("sso-admin").create_permission_set(InstanceArn=world.INSTANCE, Name="Racer")
        first.knobs(graph_latency_ms=1)
        changed_at = time.time()
        if ending == "kill":
            wait_until(lambda: path.exists() and path.stat().st_mtime > changed_at)
        before = first.state()
    finally:
        getattr(first, ending)()
    with Sandbox(state=path) as second:
        assert second.state() == before
        assert second.knobs()["graph_latency_ms"] == 1
        assert Graph(second).members(group_id)
        ses = Aws(second).client("sesv2")
        assert ses.get_email_identity(EmailIdentity=world.SENDER)["VerifiedForSendingStatus"] is True
        assert Aws(second).client("pinpoint").get_app(ApplicationId=world.APPLICATION)["ApplicationResponse"]


def test_a_damaged_state_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.state"
    path.write_bytes(b"not a state")
    with Sandbox(state=path) as sandbox:
        assert sandbox.state() == {"entra": [], "identity_center": []}
        assert "cannot be read" in sandbox.errors
    assert path.with_name("sandbox.state.damaged").read_bytes() == b"not a state"
