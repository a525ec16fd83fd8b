"""The multi-user DeepRacer service over the wire, with what is odd about it."""

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.sandbox import world
from tests.sandbox.deepracer import (
    ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_ROLE,
    TRACK,
    DeepRacer,
    Racers,
    Refused,
    race_request,
)
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until


@pytest.fixture
def deepracer(sandbox: Sandbox) -> DeepRacer:
    roles = [{"arn": OTHER_ROLE, "external_id": world.EXTERNAL_ID}]
    sandbox.seed(multi_user=[{"account_id": ACCOUNT}, {"account_id": OTHER_ACCOUNT}], roles=roles)
    sandbox.knobs(racing_speed=0)
    return DeepRacer(sandbox)


@pytest.fixture
def racers(sandbox: Sandbox, deepracer: DeepRacer) -> Racers:
    return Racers(sandbox)


def refusal(call: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.status == 400
    return refused.value


# Mode and profiles


def test_a_new_racer_has_five_hours(deepracer: DeepRacer, racers: Racers) -> None:
    [service_id] = racers.join("Ada")
    assert racers.join("ada") == [service_id]
    user = deepracer.user("Ada")
    assert abs(user.pop("AssociatedOn") - time.time() * 1000) < 60_000
    assert user.pop("MaxModels") > 0
    assert user == {
        "Alias": "Ada",
        "UserId": service_id,
        "ComputeMinutesUsed": 0,
        "ComputeMinutesQueued": 0,
        "MaxTotalComputeMinutes": 300,
        "StorageBytesUsed": 0,
        "UserState": "ACTIVE",
    }


def test_without_the_mode_nobody_is_seen_and_nobody_joins(deepracer: DeepRacer, racers: Racers) -> None:
    racers.join("Ada")
    racers.train("Ada", minutes=10)
    racers.advance(10)
    set_mode(deepracer, on=False)
    assert deepracer.call("AdminGetAccountConfig") == {"MultiracerConfig": {"MultiracerModeEnabled": False}}
    assert deepracer.call("GetAccountConfig") == {"MultiRacer": False}
    assert deepracer.users() == {}
    assert deepracer.all("AdminListAssociatedResources", "AssociatedResources") == []
    assert len(deepracer.models()) == 1
    assert racers.post("join", racers=[{"alias": "Bob"}]).status_code == 400
    assert racers.train("Ada")["Ada"]["accepted"] is False
    user_id = racers.profile("Ada")["service_id"]
    assert deepracer.call("AdminManageUser", UserIds=[user_id], Action="DISABLE") == {}
    set_mode(deepracer, on=True)
    assert deepracer.user("Ada")["UserState"] == "ACTIVE"


def test_an_account_that_nobody_set_up_has_the_mode_off(sandbox: Sandbox) -> None:
    assert DeepRacer(sandbox).call("GetAccountConfig") == {"MultiRacer": False}


def test_seeding_again_undoes_nothing(sandbox: Sandbox, deepracer: DeepRacer, racers: Racers) -> None:
    seed = {"account_id": ACCOUNT, "profiles": [{"alias": "Ada", "service_id": "ada-1"}, {"alias": "Bob"}]}
    sandbox.seed(multi_user=[seed])
    set_mode(deepracer, on=False)
    before = racers.report() | {"now": {}}
    sandbox.seed(multi_user=[seed])
    assert racers.report() | {"now": {}} == before
    assert racers.profile("Ada")["service_id"] == "ada-1"


def set_mode(deepracer: DeepRacer, *, on: bool) -> None:
    assert deepracer.call("AdminSetAccountConfig", MultiracerConfig={"MultiracerModeEnabled": on}) == {}


# Managing racers


def test_limits_are_written_and_read_under_two_names(deepracer: DeepRacer, racers: Racers) -> None:
    racers.join("Ada", "Bob")
    models = deepracer.user("Bob")["MaxModels"]
    assert deepracer.manage("SET_LIMITS", "Ada", MaxComputeMinutes=90, MaxModels=1) == {}
    deepracer.manage("SET_LIMITS", "Bob", MaxComputeMinutes=60)
    limits = {alias: (u["MaxTotalComputeMinutes"], u["MaxModels"]) for alias, u in deepracer.users().items()}
    assert limits == {"Ada": (90, 1), "Bob": (60, models)}
    assert racers.train("Ada", "Bob", minutes=61)["Bob"]["why"] == "Total compute minutes exceeded."
    assert racers.train("Ada", minutes=20)["Ada"]["why"] == "Total number of models exceeded."


@pytest.mark.parametrize(
    ("action", "state", "trains"),
    [("RESTRICT", "RESTRICTED", False), ("DISABLE", "DISABLED", False), ("ENABLE", "ACTIVE", True)],
)
def test_states(deepracer: DeepRacer, racers: Racers, action: str, state: str, trains: bool) -> None:
    racers.join("Ada", "Bob")
    racers.train("Ada", minutes=30)
    assert deepracer.manage(action, "Ada") == {}
    assert set(deepracer.users(UserState=state)) == ({"Ada", "Bob"} if state == "ACTIVE" else {"Ada"})
    assert racers.train("Ada", minutes=30)["Ada"]["accepted"] is trains
    racers.advance(30)
    assert racers.report()["jobs"][0]["status"] == "COMPLETED", "what runs when sponsorship is paused runs to its end"
    assert deepracer.user("Ada")["ComputeMinutesUsed"] in (30, 60)


def test_nobody_says_who_is_unknown(deepracer: DeepRacer, racers: Racers) -> None:
    [known] = racers.join("Ada")
    answer = deepracer.call("AdminManageUser", UserIds=["unknown", known, "gone"], Action="RESTRICT")
    assert answer == {}
    assert deepracer.user("Ada")["UserState"] == "RESTRICTED"


def test_nobody_says_who_was_left_out(sandbox: Sandbox, deepracer: DeepRacer, racers: Racers) -> None:
    everybody = racers.join(*[f"racer-{number}" for number in range(100)])
    sandbox.knobs(failure_rate=0.5)
    wait_until(lambda: answered_nothing(deepracer, everybody), seconds=10, pause=0)
    sandbox.knobs(failure_rate=0)
    assert 0 < len(deepracer.users(UserState="RESTRICTED")) < 100


def answered_nothing(deepracer: DeepRacer, user_ids: list[str]) -> bool:
    try:
        return deepracer.call("AdminManageUser", UserIds=user_ids, Action="RESTRICT") == {}
    except (Refused, requests.ConnectionError):
        return False


def test_used_minutes_grow_and_queued_ones_shrink(deepracer: DeepRacer, racers: Racers) -> None:
    racers.join("Ada")
    racers.train("Ada", minutes=60)
    seen = []
    for _ in range(3):
        user = deepracer.user("Ada")
        seen.append((user["ComputeMinutesUsed"], user["ComputeMinutesQueued"], user["StorageBytesUsed"] > 0))
        racers.advance(30)
    assert seen == [(0, 60, False), (30, 30, False), (60, 0, True)]


def test_all_pages_of_racers(sandbox: Sandbox, deepracer: DeepRacer, racers: Racers) -> None:
    racers.join(*[f"racer-{number}" for number in range(250)])
    pages = deepracer.pages("AdminListAssociatedUsers", "AssociatedUsers")
    assert [len(page) for page in pages] == [100, 100, 50]
    assert len({user["UserId"] for page in pages for user in page}) == 250
    assert [len(page) for page in deepracer.pages("AdminListAssociatedUsers", "AssociatedUsers", MaxResults=90)] == [
        90,
        90,
        70,
    ]
    assert sandbox.calls()["deepracer"]["AdminListAssociatedUsers"] == 6


# Models


def test_models_of_everybody(deepracer: DeepRacer, racers: Racers) -> None:
    ada, bob, _ = racers.join("Ada", "Bob", "Eve")
    racers.train("Ada", "Bob", model="first", minutes=20)
    racers.train("Bob", model="second", minutes=30)
    racers.advance(20)
    resources = deepracer.all("AdminListAssociatedResources", "AssociatedResources")
    named = {entry["UserId"]: [model["ModelName"] for model in entry["Models"]] for entry in resources}
    assert named == {ada: ["first"], bob: ["first", "second"]}
    [of_bob] = deepracer.all("AdminListAssociatedResources", "AssociatedResources", UserId=bob)
    assert [model["Status"] for model in of_bob["Models"]] == ["READY", "TRAINING"]
    assert {model["CreatedByAlias"] for model in of_bob["Models"]} == {"Bob"}
    newest_first = deepracer.pages(
        "ListModels", "Models", ModelType="REINFORCEMENT_LEARNING", SortOrder="DESCENDING", MaxResults=2
    )
    assert [[model["ModelName"] for model in page] for page in newest_first] == [["second", "first"], ["first"]]
    model = of_bob["Models"][0]
    assert deepracer.call("GetModel", ModelArn=model["ModelArn"])["Model"] == model
    assert round(model["ModelSizeInGb"] * 2**30) == deepracer.user("Ada")["StorageBytesUsed"]


def test_a_deleted_model_is_seen_for_a_while(deepracer: DeepRacer, racers: Racers) -> None:
    racers.join("Ada")
    racers.train("Ada", model="first", minutes=20)
    racers.advance(20)
    arn = deepracer.models()["first"]["ModelArn"]
    assert deepracer.call("DeleteModel", ModelArn=arn) == {}
    assert deepracer.models()["first"]["Status"] == "DELETING"
    assert refusal(lambda: deepracer.call("DeleteModel", ModelArn=arn)).code == "ResourceInUseException"
    racers.advance(1)
    assert deepracer.models() == {}
    assert deepracer.user("Ada")["StorageBytesUsed"] == 0
    assert refusal(lambda: deepracer.call("GetModel", ModelArn=arn)).code == "ResourceDoesNotExistException"


def test_deleting_all_of_a_racer_spares_what_trains(deepracer: DeepRacer, racers: Racers) -> None:
    racers.join("Ada", "Bob")
    racers.train("Ada", "Bob", model="first", minutes=20)
    racers.advance(20)
    racers.train("Ada", model="second", minutes=20)
    deepracer.manage("DELETE_RESOURCES", "Ada")
    statuses = {(m["CreatedByAlias"], m["ModelName"]): m["Status"] for m in all_models(deepracer)}
    assert statuses == {("Ada", "first"): "DELETING", ("Ada", "second"): "TRAINING", ("Bob", "first"): "READY"}
    wait_until(lambda: len(all_models(deepracer)) == 2, seconds=5)  # by real time, as the racing clock stands still
    arn = deepracer.models()["second"]["ModelArn"]
    assert refusal(lambda: deepracer.call("DeleteModel", ModelArn=arn)).code == "ResourceInUseException"
    deepracer.manage("DELETE_RESOURCES", "Bob")
    racers.advance(20)
    assert [model["Status"] for model in all_models(deepracer)] == ["READY"]


def all_models(deepracer: DeepRacer) -> list[dict[str, Any]]:
    return deepracer.all("ListModels", "Models", ModelType="REINFORCEMENT_LEARNING")


def test_stopping_takes_a_moment_and_gives_the_rest_back(deepracer: DeepRacer, racers: Racers) -> None:
    racers.join("Ada")
    racers.train("Ada", model="first", minutes=60)
    racers.advance(10)
    arn = deepracer.models()["first"]["ModelArn"]
    [job] = deepracer.all("ListTrainingJobs", "TrainingJobs", ModelArn=arn)
    assert (job["ActivityJob"]["Status"]["JobStatus"], job["ActivityJob"]["Status"]["TimeInMinutes"]) == (
        "IN_PROGRESS",
        10,
    )
    stop = "StopTrainingReinforcementLearningModel"
    assert deepracer.call(stop, ModelArn=arn) == {}
    assert deepracer.models()["first"]["Status"] == "STOPPING"
    racers.advance(1)
    assert deepracer.models()["first"]["Status"] == "READY"
    job = deepracer.call("GetTrainingJob", TrainingJobArn=job["JobArn"])["TrainingJob"]
    assert job["ActivityJob"]["Status"]["JobStatus"] == "COMPLETED"
    user = deepracer.user("Ada")
    assert (user["ComputeMinutesUsed"], user["ComputeMinutesQueued"]) == (10, 0)
    assert refusal(lambda: deepracer.call(stop, ModelArn=arn)).code == "JobNotActiveException"


def test_a_waiting_job_is_stopped_at_once(deepracer: DeepRacer, racers: Racers) -> None:
    everybody = [f"racer-{number}" for number in range(101)]
    racers.join(*everybody)
    racers.train(*everybody, model="first")
    models = {model["CreatedByAlias"]: model for model in all_models(deepracer)}
    assert models["racer-100"]["Status"] == "CREATED"
    deepracer.call("StopTrainingReinforcementLearningModel", ModelArn=models["racer-100"]["ModelArn"])
    user = deepracer.user("racer-100")
    assert (user["ComputeMinutesUsed"], user["ComputeMinutesQueued"]) == (0, 0)


def test_evaluations(deepracer: DeepRacer, racers: Racers) -> None:
    racers.join("Ada")
    assert racers.do("evaluate", racers=["Ada"])["Ada"]["accepted"] is False
    racers.train("Ada", model="first", minutes=20)
    racers.advance(20)
    assert racers.do("evaluate", racers=["Ada"], minutes=10)["Ada"]["accepted"] is True
    arn = deepracer.models()["first"]["ModelArn"]
    assert deepracer.models()["first"]["Status"] == "EVALUATING"
    refused = refusal(lambda: deepracer.call("StopTrainingReinforcementLearningModel", ModelArn=arn))
    assert refused.code == "JobNotActiveException"
    [job] = deepracer.all("ListEvaluations", "EvaluationJobs", ModelArn=arn, StatusEquals="INITIALIZING")
    assert deepracer.call("StopEvaluation", EvaluationJobArn=job["JobArn"]) == {}
    racers.advance(1)
    assert deepracer.models()["first"]["Status"] == "READY"
    refused = refusal(lambda: deepracer.call("StopEvaluation", EvaluationJobArn=job["JobArn"]))
    assert refused.code == "JobNotActiveException"


# Races


def test_a_race_from_beginning_to_end(deepracer: DeepRacer, racers: Racers) -> None:
    ada, bob = racers.join("Ada", "Bob")
    arn = deepracer.call("CreateLeaderboard", **race_request())["LeaderboardArn"]
    results = [("Bob", 12_500), ("Ada", 11_000), ("Ada", 13_000), ("Guest", 11_500), ("Ada", 1)]
    outcomes = [submit(racers, arn, alias, time_ms)[alias]["accepted"] for alias, time_ms in results]
    assert outcomes == [True, True, True, True, False], "two submissions are allowed"
    ranked = deepracer.all("ListLeaderboardSubmissions", "LeaderboardSubmissions", LeaderboardArn=arn)
    rows = [(row["Rank"], row["Alias"], row["BestLapTime"], row["SubmissionCount"]) for row in ranked]
    assert rows == [(1, "Ada", 11_000, 2), (2, "Guest", 11_500, 1), (3, "Bob", 12_500, 1)]
    assert (ranked[0]["UserId"], ranked[2]["UserId"]) == (ada, bob)
    joined = deepracer.all("ListPrivateLeaderboardParticipants", "PrivateLeaderboardParticipants", LeaderboardArn=arn)
    assert {row["Alias"] for row in joined} == {"Ada", "Bob"}
    assert deepracer.call("GetLeaderboard", LeaderboardArn=arn)["Leaderboard"]["ParticipantCount"] == 2
    closed = race_request(CloseTime=int(time.time() * 1000) - 1)
    assert deepracer.call("EditLeaderboard", Arn=arn, **closed) == {}
    assert submit(racers, arn, "Bob", 1)["Bob"]["why"] == "The race is closed."
    assert len(deepracer.all("ListLeaderboardSubmissions", "LeaderboardSubmissions", LeaderboardArn=arn)) == 3
    assert deepracer.call("DeleteLeaderboard", LeaderboardArn=arn) == {}
    missing = refusal(lambda: deepracer.call("DeleteLeaderboard", LeaderboardArn=arn))
    assert missing.code == "ResourceDoesNotExistException"


def submit(racers: Racers, race: str, alias: str, time_ms: int) -> dict[str, Any]:
    outcomes: dict[str, Any] = racers.do("submit", race=race, results=[{"alias": alias, "time_ms": time_ms}])
    return outcomes


@pytest.mark.parametrize(
    ("opens_in_minutes", "closes_in_minutes", "status"), [(5, 9, "UPCOMING"), (-5, 9, "OPEN"), (-9, -5, "CLOSED")]
)
def test_the_state_of_a_race(deepracer: DeepRacer, opens_in_minutes: int, closes_in_minutes: int, status: str) -> None:
    arn = deepracer.call("CreateLeaderboard", **race_request())["LeaderboardArn"]
    now = int(time.time() * 1000)
    times = {"LaunchTime": now + opens_in_minutes * 60_000, "CloseTime": now + closes_in_minutes * 60_000}
    deepracer.call("EditLeaderboard", Arn=arn, **race_request(**times))
    race = deepracer.call("GetLeaderboard", LeaderboardArn=arn)["Leaderboard"]
    assert (race["Status"], race["LaunchTime"], race["CloseTime"]) == (status, *times.values())


def test_editing_replaces_everything(deepracer: DeepRacer) -> None:
    created = race_request(Description="Three laps", TrackFeatures={"Direction": "CLOCKWISE"})
    arn = deepracer.call("CreateLeaderboard", **created)["LeaderboardArn"]
    deepracer.call("EditLeaderboard", Arn=arn, **race_request(Name="Petit-Prix"))
    race = deepracer.call("GetLeaderboard", LeaderboardArn=arn)["Leaderboard"]
    assert (race["Name"], race["Description"]) == ("Petit-Prix", "Petit-Prix")
    assert "TrackFeatures" not in race


def test_races_are_listed_for_their_organizer(deepracer: DeepRacer) -> None:
    for _ in range(2):
        deepracer.call("CreateLeaderboard", **race_request())
    listed = deepracer.pages("ListLeaderboards", "Leaderboards", LeaderboardAccessRoles=["ADMIN"], MaxResults=1)
    assert [[race["Name"] for race in page] for page in listed] == [["Grand-Prix"], ["Grand-Prix"]]
    assert deepracer.all("ListLeaderboards", "Leaderboards") == []
    assert deepracer.all("ListLeaderboards", "Leaderboards", LeaderboardAccessRoles=["PARTICIPANT"]) == []


def test_a_new_invitation_voids_the_old_one(deepracer: DeepRacer, racers: Racers) -> None:
    racers.join("Ada")
    arn = deepracer.call("CreateLeaderboard", **race_request())["LeaderboardArn"]
    first, second = (
        deepracer.call("CreateLeaderboardAccessToken", LeaderboardArn=arn)["AccessToken"] for _ in range(2)
    )
    entered = [
        racers.do("enter", token=token, racers=["Ada"])["Ada"]["accepted"] for token in (first, second, "", "None")
    ]
    assert entered == [False, True, False, False]


def test_an_account_has_fifty_races(deepracer: DeepRacer) -> None:
    for _ in range(50):
        deepracer.call("CreateLeaderboard", **race_request())
    refused = refusal(lambda: deepracer.call("CreateLeaderboard", **race_request()))
    assert refused.code == "ResourceLimitExceededException"


def test_tracks(deepracer: DeepRacer) -> None:
    tracks = deepracer.pages("ListTracks", "Tracks", MaxResults=2)
    assert TRACK in {track["TrackArn"] for page in tracks for track in page}
    assert len(tracks) > 1
    assert deepracer.call("GetTrack", TrackArn=TRACK)["Track"]["TrackArn"] == TRACK
    missing = refusal(lambda: deepracer.call("GetTrack", TrackArn="arn:aws:deepracer:us-east-1::track/none"))
    assert missing.code == "ResourceDoesNotExistException"


# What is refused


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
    for _ in itertools.repeat(None, 80):
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
