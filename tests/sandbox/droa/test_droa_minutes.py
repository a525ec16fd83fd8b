"""Trainings of DeepRacer on AWS: what is refused, what is charged, what leaks, and how they are stopped."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.droa import world
from tests.sandbox.droa.racers import control, racer_id
from tests.sandbox.droa.world import TABLE, TRACK, Account, Api, model_definition
from tests.support.sandbox import Sandbox

ANN = "ann@contoso.example"

MakeRacer = Callable[[str], Api]


def create(racer: Api, **definition: Any) -> Any:
    return racer.call("POST", "/models", {"modelDefinition": model_definition(**definition)})


def counters(admin: Api, email: str = ANN) -> tuple[float, float, int]:
    profile = admin.profile(email)
    return profile["computeMinutesUsed"], profile["computeMinutesQueued"], profile["modelCount"]


def limit(admin: Api, minutes: int, models: int = -1) -> None:
    body = {"profileId": racer_id("ann"), "maxTotalComputeMinutes": minutes, "maxModelCount": models}
    assert admin.call("PATCH", "/profile", body).status_code == 200


def test_minutes_are_charged_when_a_job_ends(deployment: Sandbox, admin: Api, make_racer: MakeRacer) -> None:
    racer = make_racer("ann")
    model_id = create(racer, minutes=30).json()["modelId"]
    assert counters(admin) == (0, 30, 1)
    control(deployment, "advance", minutes=29)
    assert counters(admin) == (0, 30, 1)
    control(deployment, "advance", minutes=1)
    assert counters(admin) == (30, 0, 1)
    model = racer.call("GET", f"/models/{model_id}").json()["model"]
    assert (model["status"], model["trainingStatus"], model["fileSizeInBytes"] > 0) == ("READY", "COMPLETED", True)


def test_a_stopped_job_costs_fractions(deployment: Sandbox, admin: Api, make_racer: MakeRacer) -> None:
    racer = make_racer("ann")
    model_id = create(racer).json()["modelId"]
    early = racer.call("PATCH", f"/models/{model_id}")
    assert (early.status_code, "initialization" in early.json()["message"]) == (400, True)
    control(deployment, "advance", minutes=10)
    assert racer.call("PATCH", f"/models/{model_id}").status_code == 200
    assert racer.call("PATCH", f"/models/{model_id}").status_code == 400
    control(deployment, "advance", minutes=1)
    assert counters(admin) == (10.5, 0, 1)


@pytest.mark.parametrize(
    ("minutes", "models", "asked", "message"),
    [
        (0, -1, 10, "Total compute minutes for the month exceeded."),
        (59, -1, 60, "Total compute minutes for the month exceeded."),
        (60, -1, 60, ""),
        (-1, -1, 1440, ""),
        (-1, 0, 10, "Total number of models for the month exceeded."),
        (-1, 1, 10, ""),
        (0, 0, 10, "Total compute minutes for the month exceeded."),
        (-1, -1, 9, "Max time in minutes is invalid."),
        (-1, -1, 1441, "Max time in minutes is invalid."),
    ],
)
def test_quotas_are_checked_beforehand(
    admin: Api, make_racer: MakeRacer, minutes: int, models: int, asked: int, message: str
) -> None:
    racer = make_racer("ann")
    limit(admin, minutes, models)
    answer = create(racer, minutes=asked)
    assert answer.json().get("message", "") == message
    assert answer.status_code == (400 if message else 200)


def test_used_queued_and_requested_count_together(deployment: Sandbox, admin: Api, make_racer: MakeRacer) -> None:
    racer = make_racer("ann")
    limit(admin, 100)
    create(racer, minutes=40)
    control(deployment, "advance", minutes=41)
    create(racer, minutes=40)
    assert create(racer, minutes=21).status_code == 400
    assert create(racer, minutes=20).status_code == 200


def test_jobs_wait_for_the_accounts_quota(deployment: Sandbox, account: Account, make_racer: MakeRacer) -> None:
    deployment.seed(**world.seed(job_quota=1))
    ann, bob = make_racer("ann"), make_racer("bob")
    create(ann, minutes=10)
    waiting = create(bob, minutes=10).json()["modelId"]
    assert bob.call("GET", f"/models/{waiting}").json()["model"]["status"] == "QUEUED"
    sagemaker = account.client("sagemaker")
    assert len(sagemaker.list_training_jobs(NameContains="deepracerindy-training")["TrainingJobSummaries"]) == 1
    control(deployment, "advance", minutes=11)
    assert bob.call("GET", f"/models/{waiting}").json()["model"]["status"] == "TRAINING"


def test_minutes_of_a_cancelled_job_stay_queued_for_good(
    deployment: Sandbox, admin: Api, make_racer: MakeRacer
) -> None:
    deployment.seed(**world.seed(job_quota=1))
    create(make_racer("bob"), minutes=20)
    racer = make_racer("ann")
    model_id = create(racer, minutes=50).json()["modelId"]
    assert racer.call("PATCH", f"/models/{model_id}").status_code == 200
    assert racer.call("GET", f"/models/{model_id}").json()["model"]["trainingStatus"] == "CANCELED"
    control(deployment, "advance", minutes=100)
    control(deployment, "month")
    assert counters(admin) == (0, 50, 0)


def test_a_new_month_forgets_used_minutes_and_models(deployment: Sandbox, admin: Api, make_racer: MakeRacer) -> None:
    create(make_racer("ann"), minutes=10)
    control(deployment, "advance", minutes=11)
    assert counters(admin) == (10, 0, 1)
    control(deployment, "month")
    assert counters(admin) == (0, 0, 0)


def test_models_are_their_owners_alone(make_racer: MakeRacer) -> None:
    ann, bob = make_racer("ann"), make_racer("bob")
    model_id = create(ann).json()["modelId"]
    assert [model["modelId"] for model in ann.call("GET", "/models").json()["models"]] == [model_id]
    assert bob.call("GET", "/models").json() == {"models": []}
    for method in ("GET", "PATCH", "DELETE"):
        assert bob.call(method, f"/models/{model_id}").status_code == 404
    assert ann.call("DELETE", f"/models/{model_id}").status_code == 400  # it trains


def test_a_finished_model_is_deleted(deployment: Sandbox, make_racer: MakeRacer) -> None:
    racer = make_racer("ann")
    model_id = create(racer, minutes=10).json()["modelId"]
    control(deployment, "advance", minutes=11)
    assert racer.call("DELETE", f"/models/{model_id}").json() == {}
    assert racer.call("GET", f"/models/{model_id}").status_code == 404


def test_a_track_has_its_directions(make_racer: MakeRacer) -> None:
    racer = make_racer("ann")
    wrong = create(racer, trackConfig={**TRACK, "trackDirection": "CLOCKWISE"})
    assert "Invalid track configuration" in wrong.json()["message"]
    assert "errorMessage" in create(racer, trackConfig={**TRACK, "trackId": "nowhere"}).json()


def test_the_account_stops_a_job_by_its_name(
    deployment: Sandbox, admin: Api, account: Account, make_racer: MakeRacer
) -> None:
    model_id = create(make_racer("ann"), minutes=60).json()["modelId"]
    sagemaker = account.client("sagemaker")
    name = f"deepracerindy-training-{model_id}"
    assert sagemaker.describe_training_job(TrainingJobName=name)["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    control(deployment, "advance", minutes=5)
    sagemaker.stop_training_job(TrainingJobName=name)
    with pytest.raises(ClientError, match="is in status Stopping"):
        sagemaker.stop_training_job(TrainingJobName=name)
    row = account.client("dynamodb").get_item(
        TableName=TABLE, Key={"pk": {"S": f"model_{model_id}"}, "sk": {"S": "training"}}
    )["Item"]
    listed = admin.call("GET", f"/admin/profiles/{racer_id('ann')}/models").json()["models"]
    # Nobody has told the deployment.
    assert (row["status"]["S"], listed[0]["status"]) == ("IN_PROGRESS", "TRAINING")
    control(deployment, "advance", minutes=1)
    described = sagemaker.describe_training_job(TrainingJobName=name)
    assert (described["TrainingJobStatus"], described["TrainingTimeInSeconds"]) == ("Stopped", 330)
    assert counters(admin) == (5.5, 0, 1)
    with pytest.raises(ClientError, match="not found"):
        sagemaker.stop_training_job(TrainingJobName="deepracerindy-training-unknownunknown1")


def test_jobs_are_listed_by_status_and_page(deployment: Sandbox, account: Account, make_racer: MakeRacer) -> None:
    deployment.seed(**world.seed(job_quota=20))
    racer = make_racer("ann")
    for _ in range(12):
        create(racer, minutes=10)
    sagemaker = account.client("sagemaker")
    wanted = {"NameContains": "deepracerindy-training", "StatusEquals": "InProgress"}
    first = sagemaker.list_training_jobs(**wanted)
    rest = sagemaker.list_training_jobs(**wanted, NextToken=first["NextToken"])
    assert (len(first["TrainingJobSummaries"]), len(rest["TrainingJobSummaries"])) == (10, 2)
    control(deployment, "advance", minutes=11)
    assert sagemaker.list_training_jobs(**wanted)["TrainingJobSummaries"] == []
    done = sagemaker.list_training_jobs(StatusEquals="Completed", MaxResults=100)["TrainingJobSummaries"]
    assert len(done) == 12


def test_the_table_leads_from_a_profile_to_its_jobs(
    deployment: Sandbox, account: Account, make_racer: MakeRacer
) -> None:
    model_id = create(make_racer("ann")).json()["modelId"]
    control(deployment, "advance", minutes=1)
    table = account.client("dynamodb")
    models = table.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": {"S": f"profile_{racer_id('ann')}"}, ":sk": {"S": "model_"}},
        ConsistentRead=True,
    )["Items"]
    assert [(row["sk"]["S"], row["status"]["S"]) for row in models] == [(f"model_{model_id}", "TRAINING")]
    training = table.get_item(TableName=TABLE, Key={"pk": {"S": f"model_{model_id}"}, "sk": {"S": "training"}})["Item"]
    assert training["name"]["S"] == f"deepracerindy-training-{model_id}"
    assert training["profileId"]["S"] == racer_id("ann")
    assert training["sageMakerJobArn"]["S"].endswith(f":training-job/{training['name']['S']}")


def test_the_tables_index_has_all_of_a_kind(account: Account, make_racer: MakeRacer) -> None:
    create(make_racer("ann"))
    make_racer("bob")
    table = account.client("dynamodb")
    by_kind = {"TableName": TABLE, "IndexName": "sk-index", "KeyConditionExpression": "sk = :sk"}
    for kind, count in (("profile", 3), ("training", 1), ("nothing", 0)):
        found = table.query(**by_kind, ExpressionAttributeValues={":sk": {"S": kind}})["Items"]
        assert len(found) == count, kind
    assert table.scan(TableName=TABLE)["Count"] == 5
    with pytest.raises(ClientError, match="AccessDenied"):
        table.delete_item(TableName=TABLE, Key={"pk": {"S": "a"}, "sk": {"S": "b"}})


def test_racers_of_a_demonstration_come_without_a_browser(deployment: Sandbox, admin: Api, account: Account) -> None:
    admin.call("POST", "/profile", {"emailAddress": ANN})
    row = {"alias": "Ann-1", "email": ANN}
    joined = control(deployment, "join", account_id=world.ACCOUNT, racers=[row])["profiles"]
    assert admin.profile(ANN)["alias"] == "Ann-1"
    user = account.cognito.admin_get_user(UserPoolId=world.POOL, Username=joined[0]["service_id"])
    assert user["UserStatus"] == "CONFIRMED"
    outcome = control(deployment, "train", account_id=world.ACCOUNT, racers=["Ann-1", "RacerAlias"], minutes=30)
    assert [outcome[alias]["accepted"] for alias in ("Ann-1", "RacerAlias")] == [True, False]
