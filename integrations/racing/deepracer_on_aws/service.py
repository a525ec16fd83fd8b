"""A deployment of DeepRacer on AWS as a racing service."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws import invitations, jobs, models, profiles, races, tracks, user_pool
from integrations.racing.deepracer_on_aws.account import AccountClient
from integrations.racing.deepracer_on_aws.config import DeepRacerOnAwsConfig, missing_role
from integrations.racing.deepracer_on_aws.rest import RestClient
from integrations.racing.deepracer_on_aws.several import serve
from integrations.racing.deepracer_on_aws.site import read_site
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

Outcome = TypeVar("Outcome")


class DeepRacerOnAws:
    """Two ways lead in, each optional: the REST API as one of its users, and a role in the account."""

    def __init__(self, config: DeepRacerOnAwsConfig) -> None:
        self._config = config
        self._rest = RestClient(config)
        self._account = AccountClient(config)

    @property
    def capabilities(self) -> Capabilities:
        by_api, by_role = self._config.signs_in, self._config.access is not None
        return Capabilities(
            has_mode=False,
            creates_profiles=by_role,
            invites=by_api and not by_role,
            pauses=False,
            stops_jobs=by_role,
            counts_while_running=False,
            resets_monthly=True,
            deletes_single_models=False,
            deletes_profiles=by_api,
            manages_races=by_api,
            has_race_tokens=False,
        )

    def identify(self) -> str:
        """Goes every way that is configured. Only the role tells the account."""
        read_site(self._config.site_url, anew=True)
        if self._config.signs_in:
            next(profiles.list_profiles(self._rest))
        if self._config.access is None:
            return ""
        with self._account.identity() as sts:
            return str(sts.get_caller_identity()["Account"])

    def is_active(self) -> bool:
        """A deployment that does not answer raises IntegrationError, which says why."""
        read_site(self._config.site_url, anew=True)
        return True

    def set_active(self, active: bool) -> None:
        raise _excluded("DeepRacer on AWS has no mode that could be switched on or off.")

    # Racers.

    def list_profiles(self) -> Iterator[list[Profile]]:
        return profiles.list_profiles(self._rest)

    def find_profiles(self, service_ids: Sequence[str]) -> dict[str, Profile]:
        """As many calls as there are pages before the last of them."""
        return profiles.find_profiles(self._rest, service_ids)

    def create_profiles(self, racers: Sequence[NewRacer]) -> dict[str, IntegrationError | None]:
        """Through the role: users without a password that anybody knows, until `set_passwords`; one who was disabled
        is enabled again. Through the API alone: invitations, keyed by e-mail address, after `fail_closed`.
        """
        if self._config.access is None:
            emails = [racer.email for racer in racers]
            if not self._config.signs_in:
                return dict.fromkeys(emails, missing_role())
            return invitations.invite(self._rest, emails)
        by_id = {racer.service_id: racer for racer in racers}
        return serve(list(by_id), lambda service_id: user_pool.admit(self._account, by_id[service_id]))

    def is_closed(self) -> bool:
        """Whether new profiles begin without any quota."""
        return invitations.are_closed(self._rest)

    def fail_closed(self) -> None:
        """Gives new profiles no quota at all by default. The deployment itself would give them all they like."""
        invitations.fail_closed(self._rest)

    def set_passwords(self, passwords: Mapping[str, str]) -> dict[str, IntegrationError | None]:
        return serve(list(passwords), lambda item: user_pool.set_password(self._account, item, passwords[item]))

    def set_limits(self, limits: Mapping[str, Limits]) -> dict[str, IntegrationError | None]:
        return profiles.set_limits(self._rest, limits)

    def pause(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        return dict.fromkeys(service_ids, _no_pause())

    def resume(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        return dict.fromkeys(service_ids, _no_pause())

    def stop_jobs(self, service_ids: Sequence[str]) -> dict[str, int | IntegrationError]:
        """Jobs that wait in the deployment's queue cannot be stopped yet: a passing error with the code "Queued"."""
        return serve(service_ids, lambda service_id: jobs.stop_jobs(self._account, service_id))

    def remove_profiles(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        """Deletes user, profile and models for good, which leaves jobs running: stop those first. With the role alone,
        the user is disabled and signed out; `create_profiles` undoes that.
        """
        if not self._config.signs_in and self._config.access is not None:
            return serve(service_ids, lambda service_id: user_pool.disable(self._account, service_id))
        outcomes = profiles.delete_profiles(self._rest, service_ids)
        return outcomes if self._config.access is None else self._explain_leftovers(outcomes)

    def _explain_leftovers(self, outcomes: Mapping[str, IntegrationError | None]) -> dict[str, IntegrationError | None]:
        """A profile whose user is gone cannot be deleted through the API any more."""
        stuck = [service_id for service_id, error in outcomes.items() if profiles.is_unforeseen(error)]
        explained = serve(stuck, lambda service_id: user_pool.explain_leftover(self._account, service_id))
        return {**outcomes, **{service_id: error for service_id, error in explained.items() if error is not None}}

    # Models.

    def list_models(self, service_id: str) -> list[TrainedModel]:
        """From the deployment's table with the role, else by the API: without sizes, and 80 calls in five minutes."""
        if self._config.access is not None:
            return models.read_from_table(self._account, service_id)
        return models.read_from_api(self._rest, service_id)

    def list_all_models(self) -> Iterator[list[TrainedModel]]:
        """Profile by profile. By the API alone, those who have used nothing are left out, and the limit of
        `list_models` ends the list early for more than eighty others.
        """
        for page in self.list_profiles():
            asked = [p.service_id for p in page if self._config.access is not None or models.may_have_models(p)]
            yield [model for outcome in serve(asked, self.list_models).values() for model in _raise_error(outcome)]

    def delete_models(self, deleted: Sequence[TrainedModel]) -> dict[str, IntegrationError | None]:
        error = _excluded("DeepRacer on AWS deletes all models of a racer at once, or lets racers delete their own.")
        return dict.fromkeys((model.service_id for model in deleted), error)

    def delete_all_models(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        """The deployment deletes for half a minute and is silent about what it failed to delete: read, and repeat."""
        return profiles.delete_models(self._rest, service_ids)

    # Races.

    def list_tracks(self) -> list[Track]:
        return tracks.list_tracks()

    def find_race(self, name: str) -> str | None:
        return races.find_race(self._rest, name)

    def create_race(self, definition: RaceDefinition) -> str:
        return races.create_race(self._rest, definition)

    def see_race(self, service_id: str) -> SeenRace | None:
        return races.see_race(self._rest, service_id)

    def edit_race(self, service_id: str, definition: RaceDefinition) -> None:
        """Refused once the race has opened."""
        races.edit_race(self._rest, service_id, definition)

    def close_race(self, service_id: str, definition: RaceDefinition) -> None:
        """Refused while the race is open: it ends when it was said to."""
        races.close_race(self._rest, service_id, definition)

    def delete_race(self, service_id: str) -> None:
        """Refused while the race is open, not permanently. Its results go with it."""
        races.delete_race(self._rest, service_id)

    def rotate_race_token(self, service_id: str, *, expires_at: datetime) -> str:
        raise _excluded("Races of DeepRacer on AWS have no invitation link: every racer of the deployment sees them.")

    def race_url(self, service_id: str, token: str) -> str:
        return f"{self._config.site_url.rstrip('/')}/races/{service_id}"

    def list_race_results(self, service_id: str) -> Iterator[list[RaceResult]]:
        return races.list_results(self._rest, service_id)


def _excluded(sentence: str) -> IntegrationError:
    return IntegrationError(sentence, permanent=True, code="Unsupported")


def _no_pause() -> IntegrationError:
    return _excluded("DeepRacer on AWS has no pause. A quota of 0 minutes keeps a racer from training.")


def _raise_error(outcome: Outcome | IntegrationError) -> Outcome:
    if isinstance(outcome, IntegrationError):
        raise outcome
    return outcome
