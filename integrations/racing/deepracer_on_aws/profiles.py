"""Profiles through the REST API: reading them, their quotas, deleting."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws.refusals import NOT_FOUND, not_listed
from integrations.racing.deepracer_on_aws.rest import LONGEST_ANSWER_SECONDS, RestClient
from integrations.racing.deepracer_on_aws.several import serve
from integrations.racing.protocol import Limits, Profile, State

UNLIMITED = -1
# What the service says when it did not foresee something, such as a profile that is not there.
_UNFORESEEN = "InternalFailure"


def list_profiles(client: RestClient) -> Iterator[list[Profile]]:
    for page in client.read_pages("/profiles", "profiles"):
        yield [_to_profile(record) for record in page]


def find_profiles(client: RestClient, service_ids: Sequence[str]) -> dict[str, Profile]:
    """Page after page until all are found: the API reads no profile by its id."""
    missing = set(service_ids)
    found: dict[str, Profile] = {}
    for page in list_profiles(client) if missing else ():
        found |= {profile.service_id: profile for profile in page if profile.service_id in missing}
        missing -= found.keys()
        if not missing:
            break
    return found


def _to_profile(record: Mapping[str, Any]) -> Profile:
    return Profile(
        service_id=str(record["profileId"]),
        alias=str(record.get("alias", "")),
        email=str(record.get("emailAddress") or ""),
        used_seconds=_to_seconds(record.get("computeMinutesUsed")),
        queued_seconds=_to_seconds(record.get("computeMinutesQueued")),
        max_minutes=_to_limit(record.get("maxTotalComputeMinutes")),
        max_models=_to_limit(record.get("maxModelCount")),
        # Models that were made this month, whatever has become of them: what the quota counts.
        model_count=int(record.get("modelCount") or 0),
        storage_bytes=int(record.get("modelStorageUsage") or 0),
        # There is no pause here, and a user who is disabled in Cognito has a profile like any other.
        state=State.ACTIVE,
        joined_at=parse_time(record.get("createdAt")),
    )


def _to_seconds(minutes: Any) -> int:
    """Minutes come with fractions."""
    return max(0, round(float(minutes or 0) * 60))


def _to_limit(number: Any) -> int | None:
    """The service lets nobody train whose limit is missing."""
    limit = int(number or 0)
    return None if limit == UNLIMITED else limit


def parse_time(text: Any) -> datetime | None:
    """ISO 8601 in UTC; None when it is absent or unreadable."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def set_limits(client: RestClient, limits: Mapping[str, Limits]) -> dict[str, IntegrationError | None]:
    def update(service_id: str) -> None:
        client.call("PATCH", "/profile", body={"profileId": service_id, **_to_body(limits[service_id])})

    return _explain_missing(client, serve(list(limits), update))


def _to_body(limits: Limits) -> dict[str, int]:
    return {
        "maxTotalComputeMinutes": UNLIMITED if limits.minutes is None else limits.minutes,
        "maxModelCount": UNLIMITED if limits.models is None else limits.models,
    }


def _explain_missing(
    client: RestClient, outcomes: dict[str, IntegrationError | None]
) -> dict[str, IntegrationError | None]:
    """The service breaks down over an id that it does not know, so those are looked for."""
    return outcomes | {service_id: not_listed(service_id) for service_id in _find_missing(client, outcomes)}


def _find_missing(client: RestClient, outcomes: Mapping[str, IntegrationError | None]) -> list[str]:
    doubtful = [service_id for service_id, error in outcomes.items() if is_unforeseen(error)]
    try:
        found = find_profiles(client, doubtful)
    except IntegrationError:
        return []
    return [service_id for service_id in doubtful if service_id not in found]


def is_unforeseen(error: IntegrationError | None) -> bool:
    return error is not None and error.code.startswith(_UNFORESEEN)


def delete_profiles(client: RestClient, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
    """Deleting again breaks down at the service, whose Cognito user is gone: not listed any more counts as done."""

    def delete(service_id: str) -> None:
        _delete(client, f"/profiles/{service_id}")

    outcomes = serve(service_ids, delete)
    return outcomes | dict.fromkeys(_find_missing(client, outcomes))


def delete_models(client: RestClient, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
    """All models of these racers. The service says nothing of those that it failed to delete."""

    def delete(service_id: str) -> None:
        _delete(client, f"/profiles/{service_id}/models")

    return serve(service_ids, delete)


def _delete(client: RestClient, path: str) -> None:
    try:
        client.call("DELETE", path, timeout=LONGEST_ANSWER_SECONDS)
    except IntegrationError as error:
        if error.code != NOT_FOUND:
            raise
