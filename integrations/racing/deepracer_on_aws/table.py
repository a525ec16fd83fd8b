"""What the deployment's table says of a racer's models and jobs.

The API shows an administrator neither the jobs of others nor more than eighty racers' models in five minutes. Rows are
found by keys that begin with the kind of thing and its id; see the solution's source, entities in libs/database.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from integrations.racing.deepracer_on_aws.account import AccountClient
from integrations.repetition import repeat_read

# Jobs that have not come to their end, nor been asked to.
OPEN_STATUSES = frozenset({"QUEUED", "INITIALIZING", "IN_PROGRESS"})
_IDLE_MODELS = frozenset({"READY", "ERROR", "DELETING"})
_FIELDS = ("sk", "modelId", "name", "status", "sageMakerJobArn", "fileSizeInBytes", "createdAt")


@dataclass(frozen=True)
class Job:
    """`name` is SageMaker's; `is_queued` says that it may not be known there yet."""

    name: str
    is_queued: bool


def list_models(client: AccountClient, profile_id: str) -> list[dict[str, Any]]:
    """Rows with modelId, name, status, fileSizeInBytes and createdAt."""
    return list(_query(client, f"profile_{profile_id}", "model_"))


def list_open_jobs(client: AccountClient, profile_id: str) -> list[Job]:
    """Trainings and evaluations hang on the racer's models, submissions to races on the racer."""
    rows = list(_query(client, f"profile_{profile_id}", "leaderboard_"))
    for model in list_models(client, profile_id):
        if model.get("status") not in _IDLE_MODELS:
            rows += _query(client, f"model_{model['modelId']}", "")
    return [_to_job(row) for row in rows if row.get("status") in OPEN_STATUSES]


def _to_job(row: Mapping[str, Any]) -> Job:
    # A live race's job has a name of its own in each run, which the ARN alone tells.
    name = str(row.get("sageMakerJobArn") or row["name"]).rpartition("/")[2]
    return Job(name, row["status"] == "QUEUED")


def _query(client: AccountClient, partition: str, prefix: str) -> Iterator[dict[str, Any]]:
    names = {f"#{name}": name for name in ("pk", *_FIELDS)}
    request: dict[str, Any] = {
        "TableName": client.site.table_name,
        "KeyConditionExpression": "#pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": partition}},
        "ExpressionAttributeNames": names,
        "ProjectionExpression": ", ".join(f"#{name}" for name in _FIELDS),
        # What has just been deleted must not be seen, nor what was just started be missed.
        "ConsistentRead": True,
    }
    if prefix:
        request["KeyConditionExpression"] += " AND begins_with(#sk, :sk)"
        request["ExpressionAttributeValues"][":sk"] = {"S": prefix}
    while True:
        answer = _read_page(client, request)
        yield from (_to_row(item) for item in answer["Items"])
        if not answer.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


@repeat_read
def _read_page(client: AccountClient, request: Mapping[str, Any]) -> dict[str, Any]:
    with client.table() as table:
        answer: dict[str, Any] = table.query(**request)
    return answer


def _to_row(item: Mapping[str, Any]) -> dict[str, Any]:
    deserializer = TypeDeserializer()
    return {name: deserializer.deserialize(value) for name, value in item.items()}
