"""What the multi-user DeepRacer service refuses, and in which words."""

import time
from typing import Any

import pytest
import requests

from tests.sandbox.deepracer import (
    ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_ROLE,
    DeepRacer,
    Racers,
    Refused,
    race_request,
    refusal,
)
from tests.support.sandbox import Sandbox


def without(request: dict[str, Any], part: str, member: str) -> dict[str, Any]:
    return {**request, part: {name: value for name, value in request[part].items() if name != member}}


def with_member(request: dict[str, Any], part: str, **members: Any) -> dict[str, Any]:
    return {**request, part: {**request[part], **members}}


MODEL = f"arn:aws:deepracer:us-east-1:{ACCOUNT}:model/reinforcement_learning/none"
RACE = race_request()


@pytest.mark.parametrize(
    ("operation", "members", "named"),
    [
        ("AdminSetAccountConfig", {}, "MultiracerConfig"),
        ("AdminSetAccountConfig", {"MultiracerConfig": {}}, "MultiracerConfig.MultiracerModeEnabled"),
        (
            "AdminSetAccountConfig",
            {"MultiracerConfig": {"MultiracerModeEnabled": "yes"}},
            "MultiracerConfig.MultiracerModeEnabled",
        ),
        ("AdminGetAccountConfig", {"Unknown": 1}, "Unknown"),
        ("AdminListAssociatedUsers", {"MaxResults": 101}, "MaxResults"),
        ("AdminListAssociatedUsers", {"MaxResults": 0}, "MaxResults"),
        ("AdminListAssociatedUsers", {"MaxResults": "10"}, "MaxResults"),
        ("AdminListAssociatedUsers", {"NextToken": "%"}, "NextToken"),
        ("AdminListAssociatedUsers", {"NextToken": "abcd"}, "NextToken"),
        ("AdminListAssociatedUsers", {"UserState": "PAUSED"}, "UserState"),
        ("AdminManageUser", {"UserIds": ["a"]}, "Action"),
        ("AdminManageUser", {"UserIds": ["a"], "Action": "PAUSE"}, "Action"),
        ("AdminManageUser", {"UserIds": "a", "Action": "ENABLE"}, "UserIds"),
        ("AdminManageUser", {"UserIds": [""], "Action": "ENABLE"}, "UserIds[0]"),
        ("AdminManageUser", {"UserIds": [], "Action": "ENABLE"}, "UserIds"),
        ("AdminManageUser", {"UserIds": [str(n) for n in range(101)], "Action": "ENABLE"}, "UserIds"),
        ("AdminManageUser", {"UserIds": ["a"], "Action": "SET_LIMITS"}, "Limits"),
        ("AdminManageUser", {"UserIds": ["a"], "Action": "ENABLE", "Limits": {"MaxModels": 1}}, "Limits"),
        (
            "AdminManageUser",
            {"UserIds": ["a"], "Action": "SET_LIMITS", "Limits": {"MaxTotalComputeMinutes": 1}},
            "Limits.MaxTotalComputeMinutes",
        ),
        (
            "AdminManageUser",
            {"UserIds": ["a"], "Action": "SET_LIMITS", "Limits": {"MaxComputeMinutes": -1}},
            "Limits.MaxComputeMinutes",
        ),
        (
            "AdminManageUser",
            {"UserIds": ["a"], "Action": "SET_LIMITS", "Limits": {"MaxComputeMinutes": 1.5}},
            "Limits.MaxComputeMinutes",
        ),
        ("ListModels", {}, "ModelType"),
        ("GetModel", {"ModelArn": "none"}, "ModelArn"),
        ("ListTrainingJobs", {"ModelName": "none"}, "ModelArn"),
        ("StopEvaluation", {"EvaluationJobArn": MODEL}, "EvaluationJobArn"),
        ("CreateLeaderboard", {"Definition": RACE["Definition"], "RaceConfig": RACE["RaceConfig"]}, "Features"),
        ("CreateLeaderboard", without(RACE, "Definition", "LeagueType"), "Definition.LeagueType"),
        ("CreateLeaderboard", with_member(RACE, "Definition", Name="Grand Prix"), "Definition.Name"),
        ("CreateLeaderboard", with_member(RACE, "Definition", Description=""), "Definition.Description"),
        ("CreateLeaderboard", with_member(RACE, "Definition", LaunchTime="now"), "Definition.LaunchTime"),
        ("CreateLeaderboard", with_member(RACE, "Definition", LaunchTime=1.5), "Definition.LaunchTime"),
        ("CreateLeaderboard", with_member(RACE, "Definition", CloseTime=1), "Definition.CloseTime"),
        (
            "CreateLeaderboard",
            with_member(RACE, "Definition", LaunchTime=1, CloseTime=2),
            "Definition.CloseTime",
        ),
        ("CreateLeaderboard", with_member(RACE, "Definition", TrackArn="arn:none"), "Definition.TrackArn"),
        ("CreateLeaderboard", with_member(RACE, "RaceConfig", TimingMethod="FASTEST"), "RaceConfig.TimingMethod"),
        (
            "CreateLeaderboard",
            with_member(RACE, "RaceConfig", RaceTypeConfig={"RaceType": "OBJECT_AVOIDANCE", "ObjectAvoidance": {}}),
            "RaceConfig.RaceTypeConfig.ObjectAvoidance.NumObstacles",
        ),
        ("CreateLeaderboard", {**RACE, "Tags": [{"Key": "event"}]}, "Tags[0].Value"),
        ("EditLeaderboard", {"LeaderboardArn": "arn:none", **RACE}, "Arn"),
        ("CreateLeaderboardAccessToken", {"LeaderboardArn": "none"}, "LeaderboardArn"),
    ],
)
def test_a_wrong_request_is_named(deepracer: DeepRacer, operation: str, members: dict[str, Any], named: str) -> None:
    refused = refusal(lambda: deepracer.call(operation, **members))
    assert refused.code == "InvalidRequestException"
    assert refused.message.startswith(f"{named} ")


@pytest.mark.parametrize(
    ("region", "service", "code"),
    [("eu-west-1", "deepracer", "InvalidSignatureException"), ("us-east-1", "sts", "InvalidSignatureException")],
)
def test_there_is_one_region(deepracer: DeepRacer, sandbox: Sandbox, region: str, service: str, code: str) -> None:
    elsewhere = DeepRacer(sandbox, region=region, service=service)
    assert refusal(lambda: elsewhere.call("AdminGetAccountConfig")).code == code


@pytest.mark.parametrize(
    ("operation", "content", "signed", "code"),
    [
        ("AdminGetAccountConfig", "{}", False, "MissingAuthenticationTokenException"),
        ("AdminGetAccountConfig", "{", True, "SerializationException"),
        ("AdminGetAccountConfig", "[]", True, "InvalidRequestException"),
        ("ListProfiles", "{}", True, "UnknownOperationException"),
    ],
)
def test_what_is_no_request(deepracer: DeepRacer, operation: str, content: str, signed: bool, code: str) -> None:
    answer = deepracer.send(operation, content, signed=signed)
    assert (answer.status_code, answer.json()["__type"]) == (400, code)


def test_another_account_sees_nothing_of_it(sandbox: Sandbox, deepracer: DeepRacer, racers: Racers) -> None:
    [ada] = racers.join("Ada")
    racers.train("Ada", model="first", minutes=20)
    racers.advance(20)
    model = deepracer.models()["first"]["ModelArn"]
    race = deepracer.call("CreateLeaderboard", **race_request())["LeaderboardArn"]
    other = DeepRacer(sandbox, role=OTHER_ROLE)
    assert (other.users(), other.models()) == ({}, {})
    assert other.all("ListLeaderboards", "Leaderboards", LeaderboardAccessRoles=["ADMIN"]) == []
    assert other.call("AdminManageUser", UserIds=[ada], Action="DISABLE") == {}
    assert deepracer.user("Ada")["UserState"] == "ACTIVE"
    foreign = model.replace(ACCOUNT, OTHER_ACCOUNT)
    calls: list[tuple[str, dict[str, Any]]] = [
        *[(operation, {"ModelArn": arn}) for operation in ("GetModel", "DeleteModel") for arn in (model, foreign)],
        ("GetLeaderboard", {"LeaderboardArn": race}),
        ("DeleteLeaderboard", {"LeaderboardArn": race}),
        ("EditLeaderboard", {"Arn": race, **race_request()}),
    ]
    for operation, members in calls:
        refused = refusal(lambda operation=operation, members=members: other.call(operation, **members))  # type: ignore[misc]
        assert refused.code == "ResourceDoesNotExistException"


def test_it_fails_in_its_own_words(sandbox: Sandbox, deepracer: DeepRacer) -> None:
    sandbox.knobs(failure_rate=1)
    seen = set()
    for _ in range(80):
        try:
            deepracer.call("AdminGetAccountConfig")
        except Refused as refused:
            seen.add((refused.status, refused.code))
        except requests.ConnectionError:
            seen.add((0, ""))
    sandbox.knobs(failure_rate=0)
    assert seen == {
        (400, "TooManyRequestsException"),
        (500, "ServiceException"),
        (503, "ServiceUnavailableException"),
        (0, ""),
    }


def test_latency(sandbox: Sandbox, deepracer: DeepRacer) -> None:
    sandbox.knobs(aws_latency_ms=500)
    began = time.monotonic()
    deepracer.call("GetAccountConfig")
    assert time.monotonic() - began >= 0.5
