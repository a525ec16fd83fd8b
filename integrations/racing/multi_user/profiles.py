"""Sponsored racers: reading their profiles."""

from collections.abc import Iterator, Sequence

from integrations.racing.multi_user.client import Answer, MultiUserClient
from integrations.racing.multi_user.mode import visible_pages
from integrations.racing.multi_user.moments import from_milliseconds
from integrations.racing.multi_user.quotas import read_limits
from integrations.racing.protocol import Profile, State


def list_profiles(client: MultiUserClient) -> Iterator[list[Profile]]:
    for page in visible_pages(client, "admin_list_associated_users", "AssociatedUsers"):
        yield [_read_profile(user) for user in page]


def find_profiles(client: MultiUserClient, service_ids: Sequence[str]) -> dict[str, Profile]:
    """The service has no look-up: this reads pages until it has met everybody."""
    missing = set(service_ids)
    found: dict[str, Profile] = {}
    pages = list_profiles(client)
    while missing and (page := next(pages, None)) is not None:
        found |= {profile.service_id: profile for profile in page if profile.service_id in missing}
        missing -= found.keys()
    return found


def _read_profile(user: Answer) -> Profile:
    limits = read_limits(minutes=user["MaxTotalComputeMinutes"], models=user["MaxModels"])
    return Profile(
        service_id=user["UserId"],
        alias=user["Alias"],
        email="",
        used_seconds=user["ComputeMinutesUsed"] * 60,
        queued_seconds=user["ComputeMinutesQueued"] * 60,
        max_minutes=limits.minutes,
        max_models=limits.models,
        model_count=None,
        storage_bytes=user["StorageBytesUsed"],
        # Which of RESTRICTED and DISABLED is a pause is not published: both keep a racer from training.
        state=State.ACTIVE if user["UserState"] == "ACTIVE" else State.PAUSED,
        joined_at=from_milliseconds(user["AssociatedOn"]),
        is_removed=user["UserState"] == "DISABLED",
    )
