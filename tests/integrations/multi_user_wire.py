"""A service on loopback that writes down every request and answers what it was told to; and things to answer."""

import json
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import pytest

from integrations.aws import AwsAccess
from integrations.racing.multi_user.config import MultiUserConfig
from integrations.racing.multi_user.racing import MultiUserRacing
from integrations.racing.protocol import RaceDefinition, RaceType, RacingService, Timing
from tests.integrations.conftest import forget_everything

ACCOUNT_ID = "222222222222"
MODEL = f"arn:aws:deepracer:us-east-1:{ACCOUNT_ID}:model/reinforcement_learning"
EVALUATION = f"arn:aws:deepracer:us-east-1:{ACCOUNT_ID}:evaluation_job"
RACE = f"arn:aws:deepracer::{ACCOUNT_ID}:leaderboard/0b9d"
TRACK = "arn:aws:deepracer:us-east-1::track/reinvent_base"
JOINED = 1_700_000_000_123

TARGET_PREFIX = "AwsSilverstoneCloudService."


@dataclass(frozen=True)
class Refusal:
    code: str
    status: int = 400
    message: str = "Words of the service"


@dataclass(frozen=True)
class Call:
    operation: str
    body: dict[str, Any]
    headers: Message


Reply = dict[str, Any] | Refusal


class Wire:
    """Answers of an operation are given in turn; the last one stays. Without any, it answers {}."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._replies: dict[str, list[Reply]] = defaultdict(list)
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                reply = wire.record(Call(self.headers["X-Amz-Target"].removeprefix(TARGET_PREFIX), body, self.headers))
                status, content = 200, json.dumps(reply if isinstance(reply, dict) else {}).encode()
                if isinstance(reply, Refusal):
                    status = reply.status
                    content = json.dumps({"__type": reply.code, "message": reply.message}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                """No line per request."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, operation: str, *replies: Reply) -> None:
        self._replies[operation] = list(replies)

    def record(self, call: Call) -> Reply:
        self.calls.append(call)
        replies = self._replies[call.operation] or [{}]
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        return [call.body for call in self.calls if call.operation == operation]

    def operations(self) -> list[str]:
        return [call.operation for call in self.calls]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


DEFINITION = RaceDefinition(
    name="autumn-cup",
    description="A race\nin the autumn.",
    opens_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    closes_at=datetime(2099, 12, 1, 17, 0, 0, 250_999, tzinfo=UTC),
    track=TRACK,
    race_type=RaceType.TIME_TRIAL,
    timing=Timing.AVERAGE_LAP,
    laps=3,
    submissions_per_racer=5,
)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with Wire() as wire:
        monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        forget_everything()
        yield wire
        forget_everything()


@pytest.fixture
def racing() -> RacingService:
    """Its role is assumed in Ireland; the service lives in Virginia all the same. No test waits for another's calls."""
    return MultiUserRacing(MultiUserConfig(AwsAccess("eu-west-1"), uuid.uuid4().hex))


def user(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "Alias": f"racer-{number}",
        "UserId": f"user-{number}",
        "AssociatedOn": JOINED,
        "ComputeMinutesUsed": 12,
        "ComputeMinutesQueued": 3,
        "MaxTotalComputeMinutes": 300,
        "MaxModels": 10,
        "StorageBytesUsed": 4096,
        "UserState": "ACTIVE",
    } | changes


def model(name: str, status: str = "READY", **changes: Any) -> dict[str, Any]:
    described = {"ModelName": name, "ModelArn": f"{MODEL}/{name}", "CreationTime": JOINED, "Status": status}
    return described | {"ModelType": "REINFORCEMENT_LEARNING", "WasImported": False} | changes


def resources(user_id: str, *models: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"AssociatedResources": [{"UserId": user_id, "Models": list(models)}], **more}


def evaluation(name: str, status: str) -> dict[str, Any]:
    return {"JobArn": f"{EVALUATION}/{name}", "ActivityJob": {"Status": {"JobStatus": status}}}
