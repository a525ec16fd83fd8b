"""A client of the multi-user DeepRacer service without any service model, and the racers who use it."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox import world
from tests.support.sandbox import Sandbox

ACCOUNT = world.ACCOUNT
OTHER_ACCOUNT = "444455556666"
OTHER_ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/Paddock"
TRACK = "arn:aws:deepracer:us-east-1::track/reinvent_base"
REGION = "us-east-1"


class Refused(Exception):
    def __init__(self, status: int, answer: dict[str, Any]) -> None:
        super().__init__(f"{status} {answer}")
        self.status = status
        self.code: str = answer["__type"]
        self.message: str = answer["message"]


def refusal(call: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.status == 400
    return refused.value


class DeepRacer:
    """Signed calls under an assumed role."""

    def __init__(self, sandbox: Sandbox, *, role: str = world.ROLE, region: str = REGION, service: str = "deepracer"):
        base: Any = {"aws_access_key_id": "AKIASANDBOXSANDBOX00", "aws_secret_access_key": "sandbox"}
        sts = world.SESSION.client("sts", region_name=REGION, endpoint_url=sandbox.url, **base)
        keys = sts.assume_role(RoleArn=role, RoleSessionName="tests", ExternalId=world.EXTERNAL_ID)["Credentials"]
        credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        self._signer = SigV4Auth(credentials, service, region)
        self._url = f"{sandbox.url}/"
        self._http = requests.Session()
        self._http.trust_env = False

    def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """Raises Refused."""
        answer = self.send(operation, json.dumps(members))
        body: dict[str, Any] = answer.json()
        if not answer.ok:
            raise Refused(answer.status_code, body)
        return body

    def send(self, operation: str, content: str, *, signed: bool = True) -> requests.Response:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AwsSilverstoneCloudService.{operation}",
        }
        request = AWSRequest("POST", self._url, headers=headers, data=content)
        if signed:
            self._signer.add_auth(request)
        return self._http.post(self._url, data=content, headers=dict(request.headers.items()), timeout=30)

    def pages(self, operation: str, member: str, **members: Any) -> list[list[dict[str, Any]]]:
        found, token = [], {}
        while True:
            answer = self.call(operation, **members, **token)
            found.append(answer[member])
            if not answer.get("NextToken"):
                return found
            token = {"NextToken": answer["NextToken"]}

    def all(self, operation: str, member: str, **members: Any) -> list[dict[str, Any]]:
        return [record for page in self.pages(operation, member, **members) for record in page]

    def users(self, **members: Any) -> dict[str, dict[str, Any]]:
        """Sponsored racers by alias."""
        return {user["Alias"]: user for user in self.all("AdminListAssociatedUsers", "AssociatedUsers", **members)}

    def user(self, alias: str) -> dict[str, Any]:
        return self.users()[alias]

    def models(self, **members: Any) -> dict[str, dict[str, Any]]:
        """By name."""
        listed = self.all("ListModels", "Models", ModelType="REINFORCEMENT_LEARNING", **members)
        return {model["ModelName"]: model for model in listed}

    def manage(self, action: str, *aliases: str, **limits: int) -> dict[str, Any]:
        users = self.users()
        extra = {"Limits": limits} if limits else {}
        return self.call("AdminManageUser", UserIds=[users[a]["UserId"] for a in aliases], Action=action, **extra)


class Racers:
    """What people do in the console, and what time does."""

    def __init__(self, sandbox: Sandbox, account_id: str = ACCOUNT) -> None:
        self._url = f"{sandbox.url}/sandbox"
        self._account = {"account_id": account_id}
        self._http = requests.Session()
        self._http.trust_env = False

    def post(self, control: str, **body: Any) -> requests.Response:
        return self._http.post(f"{self._url}/racing/{control}", json={**self._account, **body}, timeout=60)

    def do(self, control: str, **body: Any) -> Any:
        answer = self.post(control, **body)
        assert answer.ok, answer.text
        return answer.json()

    def join(self, *aliases: str) -> list[str]:
        """Service ids in the order of the aliases."""
        joined = self.do("join", racers=[{"alias": alias} for alias in aliases])
        return [racer["service_id"] for racer in joined["profiles"]]

    def train(self, *racers: str, minutes: int = 60, **more: Any) -> dict[str, Any]:
        outcomes: dict[str, Any] = self.do("train", racers=list(racers), minutes=minutes, **more)
        return outcomes

    def advance(self, minutes: int) -> None:
        self.do("advance", minutes=minutes)

    def report(self) -> dict[str, Any]:
        answer = self._http.get(f"{self._url}/racing.json", params=self._account, timeout=60)
        assert answer.ok, answer.text
        report: dict[str, Any] = answer.json()
        return report

    def profile(self, alias: str) -> dict[str, Any]:
        return next(profile for profile in self.report()["profiles"] if profile["alias"] == alias)


def race_request(**definition: Any) -> dict[str, Any]:
    """What CreateLeaderboard takes, for a race that has been open for a minute and is for an hour."""
    now = int(time.time() * 1000)
    return {
        "Definition": {
            "Name": "Grand-Prix",
            "Visibility": "PRIVATE",
            "LaunchTime": now - 60_000,
            "CloseTime": now + 3_600_000,
            "TrackArn": TRACK,
            "LeagueType": "VIRTUAL",
            **definition,
        },
        "RaceConfig": {
            "MinimumLaps": 3,
            "RaceTypeConfig": {"RaceType": "TIME_TRIAL", "TimeTrial": {}},
            "ResettingBehavior": {"AllowReset": True},
            "TerminationConditions": {"MaxLaps": 3},
            "TimingMethod": "BEST_LAP_TIME",
            "SubmissionsPerUser": 2,
        },
        "Features": {},
    }
