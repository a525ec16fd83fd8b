"""The multi-user DeepRacer service over the wire, with what is odd about it."""

import time
from typing import Any

import pytest
import requests

from tests.sandbox.deepracer import ACCOUNT, DeepRacer, Racers, Refused, refusal
from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until

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
    wait_until(lambda: answered_nothing(deepracer, everybody), pause=0)
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
    wait_until(lambda: len(all_models(deepracer)) == 2)  # by real time, as the racing clock stands still
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
