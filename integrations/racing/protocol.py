"""What Paddock asks of a racing service: the place where racers train, at the cost of a sponsoring account.

Minutes that were used or are queued are counted in seconds, because one of the services charges fractions of them;
quotas are whole minutes. A quota of None is unlimited. Sizes are bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from integrations.errors import IntegrationError

# Codes of permanent errors that callers act upon.
EMAIL_EXISTS = "EmailExists"
ALREADY_SIGNED_IN = "AlreadySignedIn"


@dataclass(frozen=True)
class Capabilities:
    """What this account can do, with the credentials that it was given. Screens say so where it cannot."""

    has_mode: bool  # multi-user mode is switched on and off
    creates_profiles: bool  # a racer's profile can be made before they come, with an id that we choose
    invites: bool  # the service makes the profile by mailing an invitation of its own
    pauses: bool  # sponsorship can be paused; otherwise a quota of nothing stands in for it
    stops_jobs: bool  # running jobs of a racer can be ended
    counts_while_running: bool  # used minutes grow while a job runs; otherwise only when it ends
    resets_monthly: bool  # the service sets used minutes to nothing at the start of a month
    deletes_single_models: bool  # one model of a racer; otherwise only all of them
    deletes_profiles: bool  # otherwise they can only be disabled
    manages_races: bool
    has_race_tokens: bool  # a race is joined by a link with a token


class State(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True)
class Profile:
    """A racer as the service knows them. `email` and `model_count` are empty where it does not tell."""

    service_id: str
    alias: str
    email: str
    used_seconds: int
    queued_seconds: int
    max_minutes: int | None
    max_models: int | None
    model_count: int | None
    storage_bytes: int
    state: State
    joined_at: datetime | None
    is_removed: bool = False  # disabled for good, where the service tells that from a pause


@dataclass(frozen=True)
class Limits:
    minutes: int | None
    models: int | None


class ModelStatus(StrEnum):
    READY = "ready"
    WORKING = "working"  # trains, evaluates, waits to, or is stopping
    FAILED = "failed"
    DELETING = "deleting"


@dataclass(frozen=True)
class TrainedModel:
    service_id: str
    profile_id: str
    name: str
    status: ModelStatus
    size_bytes: int | None
    created_at: datetime | None


@dataclass(frozen=True)
class NewRacer:
    """A racer to be made known to a service that creates profiles; `service_id` is of our own choice."""

    service_id: str
    email: str
    alias: str


class RaceType(StrEnum):
    TIME_TRIAL = "time_trial"
    OBJECT_AVOIDANCE = "object_avoidance"


class Timing(StrEnum):
    BEST_LAP = "best_lap"
    AVERAGE_LAP = "average_lap"
    TOTAL_TIME = "total_time"


@dataclass(frozen=True)
class RaceDefinition:
    """`name` is how a race is found: unique in the account, at most 64 letters, digits and hyphens."""

    name: str
    description: str
    opens_at: datetime
    closes_at: datetime
    track: str  # the service's id of the track
    race_type: RaceType
    timing: Timing
    laps: int
    submissions_per_racer: int


@dataclass(frozen=True)
class SeenRace:
    """A race as the service has it, with None where it does not tell or tells what no RaceDefinition can say."""

    name: str
    description: str | None
    opens_at: datetime | None
    closes_at: datetime | None
    track: str | None
    race_type: RaceType | None
    timing: Timing | None
    laps: int | None
    submissions_per_racer: int | None


@dataclass(frozen=True)
class Track:
    service_id: str
    name: str


@dataclass(frozen=True)
class RaceResult:
    """One racer's place. Ranks name an alias alone; `profile_id` is empty where the service does not give it."""

    rank: int
    alias: str
    profile_id: str
    time_milliseconds: int
    submissions: int
    submitted_at: datetime | None


class RacingService(Protocol):
    """Every call may be made again. "Already so" and "already gone" are success.

    Calls about several racers answer for each of them, keyed by service id as given, and never raise IntegrationError:
    a refused credential is everybody's outcome. All other calls raise it. What the capabilities exclude raises a
    permanent one. A write is no proof: callers read back, by `list_profiles` or `find_profiles`.
    """

    @property
    def capabilities(self) -> Capabilities: ...

    def identify(self) -> str:
        """Calls the account in the cheapest way. The AWS account id that answered, "" where it does not say."""

    def is_active(self) -> bool:
        """Whether racers can be sponsored: multi-user mode is on, or the deployment answers."""

    def set_active(self, active: bool) -> None:
        """Switches multi-user mode."""

    def list_profiles(self) -> Iterator[list[Profile]]:
        """All profiles, page by page: one call a page, at most 100 in each."""

    def find_profiles(self, service_ids: Sequence[str]) -> dict[str, Profile]:
        """Those of these that exist, read now. Raises IntegrationError."""

    def create_profiles(self, racers: Sequence[NewRacer]) -> dict[str, IntegrationError | None]:
        """By the racers' service ids (by e-mail address where the service invites and chooses the id itself).

        An address that the service knows under another id: code EMAIL_EXISTS.
        """

    def set_passwords(self, passwords: Mapping[str, str]) -> dict[str, IntegrationError | None]:
        """First passwords by service id, to be changed at the first sign-in. A password that a racer chose is kept:
        code ALREADY_SIGNED_IN.
        """

    def set_limits(self, limits: Mapping[str, Limits]) -> dict[str, IntegrationError | None]: ...

    def pause(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]: ...

    def resume(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]: ...

    def stop_jobs(self, service_ids: Sequence[str]) -> dict[str, int | IntegrationError]:
        """The number of jobs that were asked to stop; they may take minutes to do so."""

    def list_models(self, service_id: str) -> list[TrainedModel]:
        """One racer's models."""

    def list_all_models(self) -> Iterator[list[TrainedModel]]:
        """Everybody's models, as few calls as the service allows."""

    def delete_models(self, models: Sequence[TrainedModel]) -> dict[str, IntegrationError | None]:
        """By the models' service ids. A model that is being worked on is refused, not permanently."""

    def delete_all_models(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        """By the racers' service ids. May still be under way when it returns: read back."""

    def remove_profiles(self, service_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        """Deletes them where the service can, else disables them for good."""

    def list_tracks(self) -> list[Track]: ...

    def find_race(self, name: str) -> str | None:
        """The service's id of the race of that name."""

    def create_race(self, definition: RaceDefinition) -> str:
        """The service's id of the race; looks for one of that name first."""

    def see_race(self, service_id: str) -> SeenRace | None:
        """Read now; None where it is gone."""

    def edit_race(self, service_id: str, definition: RaceDefinition) -> None: ...

    def close_race(self, service_id: str, definition: RaceDefinition) -> None:
        """Ends it now. Its results stay."""

    def delete_race(self, service_id: str) -> None: ...

    def rotate_race_token(self, service_id: str, *, expires_at: datetime) -> str:
        """A new invitation; the old one is void from then on."""

    def race_url(self, service_id: str, token: str) -> str:
        """Where racers join or submit."""

    def list_race_results(self, service_id: str) -> Iterator[list[RaceResult]]:
        """Page by page, by rank."""
