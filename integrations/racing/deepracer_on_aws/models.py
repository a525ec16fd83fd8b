"""Models of racers, from the deployment's table where a role opens it, else through the REST API."""

from collections.abc import Mapping
from typing import Any

from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws import table
from integrations.racing.deepracer_on_aws.account import AccountClient
from integrations.racing.deepracer_on_aws.profiles import parse_time
from integrations.racing.deepracer_on_aws.refusals import NOT_FOUND
from integrations.racing.deepracer_on_aws.rest import RestClient
from integrations.racing.protocol import ModelStatus, Profile, TrainedModel

_STATUSES = {"READY": ModelStatus.READY, "ERROR": ModelStatus.FAILED, "DELETING": ModelStatus.DELETING}


def read_from_table(client: AccountClient, profile_id: str) -> list[TrainedModel]:
    return [_to_model(profile_id, row) for row in table.list_models(client, profile_id)]


def read_from_api(client: RestClient, profile_id: str) -> list[TrainedModel]:
    """Without sizes."""
    try:
        answer = client.read(f"/admin/profiles/{profile_id}/models")
    except IntegrationError as error:
        if error.code == NOT_FOUND:
            return []
        raise
    return [_to_model(profile_id, record) for record in answer.get("models") or []]


def may_have_models(profile: Profile) -> bool:
    """Models that were trained take up storage; others were made this month, or wait."""
    return bool(profile.storage_bytes or profile.model_count or profile.queued_seconds)


def _to_model(profile_id: str, record: Mapping[str, Any]) -> TrainedModel:
    size = record.get("fileSizeInBytes")
    return TrainedModel(
        service_id=str(record["modelId"]),
        profile_id=profile_id,
        name=str(record.get("name", "")),
        status=_STATUSES.get(str(record.get("status")), ModelStatus.WORKING),
        # Zero stands for "not measured", because no model is empty.
        size_bytes=int(size) if size else None,
        created_at=parse_time(record.get("createdAt")),
    )
