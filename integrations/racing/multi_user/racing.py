"""AWS DeepRacer in multi-user mode, as a racing service."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from integrations import aws
from integrations.errors import IntegrationError
from integrations.racing.multi_user import jobs, management, mode, profiles, race_results, races, trained_models
from integrations.racing.multi_user.client import MultiUserClient
from integrations.racing.multi_user.config import MultiUserConfig
from integrations.racing.multi_user.management import Action
from integrations.racing.multi_user.outcomes import forgive_gone
from integrations.racing.protocol import (
    Capabilities,
    Limits,
    NewRacer,
    Profile,
    RaceDefinition,
    RaceResult,
    SeenRace,
    Track,
    TrainedModel,
)
from integrations.repetition import repeat_read

CAPABILITIES = Capabilities(
    has_mode=True,
    creates_profiles=False,
    invites=False,
    pauses=True,
    stops_jobs=True,
    counts_while_running=True,
    resets_monthly=False,
    deletes_single_models=True,
    deletes_profiles=False,
    manages_races=True,
    has_race_tokens=True,
)


class MultiUserRacing:
    """Implements RacingService."""

    def __init__(self, config: MultiUserConfig) -> None:
        self._client = MultiUserClient(config)

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    # The account.

    @repeat_read
    def identify(self) -> str:
        """By AWS STS, which needs no permission: the service itself never says whose account it is."""
        return aws.identify(self._client.access)

    def is_active(self) -> bool:
        return mode.is_active(self._client)

    def set_active(self, active: bool) -> None:
        mode.set_active(self._client, active)

    # Racers.

    def list_profiles(self) -> Iterator[list[Profile]]:
        return profiles.list_profiles(self._client)

    def find_profiles(self, service_ids: Sequence[str]) -> dict[str, Profile]:
        return profiles.find_profiles(self._client, service_ids)

    def create_profiles(self, racers: Sequence[NewRacer]) -> dict[str, IntegrationError | None]:
        return {racer.service_id: _they_sign_in_themselves() for racer in racers}

    def set_passwords(self, passwords: Mapping[str, str]) -> dict[str, IntegrationError | None]:
        return {service_id: _they_sign_in_themselves() for service_id in passwords}

    def set_limits(self, limits: Mapping[str, Limits]) -> dict[str, IntegrationError | None]:
        return management.set_limits(self._client, limits)

    def pause(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        return management.act(self._client, Action.PAUSE, service_ids)

    def resume(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        return management.act(self._client, Action.RESUME, service_ids)

    def remove_profiles(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        return forgive_gone(management.act(self._client, Action.REMOVE, service_ids))

    # Their jobs and models.

    def stop_jobs(self, service_ids: Sequence[str]) -> dict[str, int | IntegrationError]:
        return jobs.stop_jobs(self._client, service_ids)

    def list_models(self, service_id: str) -> list[TrainedModel]:
        return trained_models.list_models(self._client, service_id)

    def list_all_models(self) -> Iterator[list[TrainedModel]]:
        return trained_models.list_all_models(self._client)

    def delete_models(self, models: Sequence[TrainedModel]) -> dict[str, IntegrationError | None]:
        return trained_models.delete_models(self._client, models)

    def delete_all_models(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        return forgive_gone(management.act(self._client, Action.DELETE_MODELS, service_ids))

    # Races.

    def list_tracks(self) -> list[Track]:
        return races.list_tracks(self._client)

    def find_race(self, name: str) -> str | None:
        return races.find_race(self._client, name)

    def create_race(self, definition: RaceDefinition) -> str:
        return races.create_race(self._client, definition)

    def see_race(self, service_id: str) -> SeenRace | None:
        return races.see_race(self._client, service_id)

    def edit_race(self, service_id: str, definition: RaceDefinition) -> None:
        races.edit_race(self._client, service_id, definition)

    def close_race(self, service_id: str, definition: RaceDefinition) -> None:
        races.close_race(self._client, service_id, definition)

    def delete_race(self, service_id: str) -> None:
        races.delete_race(self._client, service_id)

    def rotate_race_token(self, service_id: str, *, expires_at: datetime) -> str:
        return races.rotate_token(self._client, service_id, expires_at)

    def race_url(self, service_id: str, token: str) -> str:
        return races.race_url(self._client.config.console_url, token)

    def list_race_results(self, service_id: str) -> Iterator[list[RaceResult]]:
        return race_results.list_results(self._client, service_id)


def _they_sign_in_themselves() -> IntegrationError:
    return IntegrationError(
        "In multi-user mode, racers make their own profiles when they first sign in to AWS DeepRacer. "
        "Mail them the way in instead.",
        permanent=True,
        code="Unsupported",
    )
