"""The racers' models."""

from collections.abc import Iterator, Sequence

from integrations.errors import IntegrationError
from integrations.racing.multi_user.client import Answer, MultiUserClient
from integrations.racing.multi_user.mode import visible_pages
from integrations.racing.multi_user.moments import from_milliseconds
from integrations.racing.multi_user.outcomes import forgive_gone, serve
from integrations.racing.protocol import ModelStatus, TrainedModel

# Whether a gigabyte of the service is 10⁹ bytes or 2³⁰ is not published; AWS bills storage by 2³⁰.
GIGABYTE = 2**30

_STATUSES = {
    "CREATED": ModelStatus.WORKING,
    "TRAINING": ModelStatus.WORKING,
    "EVALUATING": ModelStatus.WORKING,
    "STOPPING": ModelStatus.WORKING,
    "IMPORTING": ModelStatus.WORKING,
    "MIGRATING": ModelStatus.WORKING,
    "READY": ModelStatus.READY,
    "DELETING": ModelStatus.DELETING,
    "ERROR": ModelStatus.FAILED,
    "IMPORT_ERROR": ModelStatus.FAILED,
    "MIGRATE_ERROR": ModelStatus.FAILED,
}


def list_all_models(client: MultiUserClient) -> Iterator[list[TrainedModel]]:
    for page in read_resources(client):
        yield [_read_model(user_id, model) for user_id, model in page]


def list_models(client: MultiUserClient, user_id: str) -> list[TrainedModel]:
    return [_read_model(owner, model) for page in read_resources(client, UserId=user_id) for owner, model in page]


def delete_models(client: MultiUserClient, models: Sequence[TrainedModel]) -> dict[str, IntegrationError | None]:
    return forgive_gone(serve([model.service_id for model in models], lambda arn: _delete_model(client, arn)))


def _delete_model(client: MultiUserClient, arn: str) -> None:
    client.call("delete_model", ModelArn=arn)


def read_resources(client: MultiUserClient, **of_one_racer: str) -> Iterator[list[tuple[str, Answer]]]:
    """Models as the service describes them, each with its racer's id; everybody's without UserId."""
    for page in visible_pages(client, "admin_list_associated_resources", "AssociatedResources", **of_one_racer):
        yield [(resources["UserId"], model) for resources in page for model in resources["Models"]]


def _read_model(user_id: str, model: Answer) -> TrainedModel:
    size = model.get("ModelSizeInGb")
    return TrainedModel(
        service_id=model["ModelArn"],
        profile_id=user_id,
        name=model["ModelName"],
        # A status that is not known yet may be work: nothing is taken for finished that is not said to be.
        status=_STATUSES.get(model["Status"], ModelStatus.WORKING),
        size_bytes=None if size is None else round(size * GIGABYTE),
        created_at=from_milliseconds(model["CreationTime"]),
    )
