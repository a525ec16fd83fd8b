"""What the sandbox remembers of racing: accounts with their profiles, models, jobs and races."""

import secrets
import string
import uuid
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from integrations.sandbox.racing.clock import Clock, Moment
from integrations.sandbox.racing.rules import RULES, Kind, Rules

_ALPHANUMERIC = string.ascii_letters + string.digits
_ON_AWS_ID_LENGTH = 15


class ProfileState(StrEnum):
    ACTIVE = "ACTIVE"
    RESTRICTED = "RESTRICTED"
    DISABLED = "DISABLED"


class ModelStatus(StrEnum):
    QUEUED = "QUEUED"
    TRAINING = "TRAINING"
    EVALUATING = "EVALUATING"
    STOPPING = "STOPPING"
    READY = "READY"
    ERROR = "ERROR"
    DELETING = "DELETING"


class JobKind(StrEnum):
    TRAINING = "training"
    EVALUATION = "evaluation"


class JobStatus(StrEnum):
    QUEUED = "QUEUED"
    INITIALIZING = "INITIALIZING"
    IN_PROGRESS = "IN_PROGRESS"
    STOPPING = "STOPPING"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


@dataclass
class Profile:
    """A racer. Counters are seconds, quotas minutes, both raw: after `bring_forward` they are up to date."""

    service_id: str
    alias: str
    number: int  # in the order of joining the account
    joined_at: float  # real time
    max_minutes: int
    max_models: int
    email: str = ""
    state: ProfileState = ProfileState.ACTIVE
    signed_in: bool = True  # only who has signed in trains
    used_seconds: int = 0
    queued_seconds: int = 0
    storage_bytes: int = 0
    created_models: int = 0  # since the last monthly reset
    model_ids: dict[str, None] = field(default_factory=dict)  # oldest first


@dataclass
class Model:
    model_id: str
    number: int  # in the order of creation in the account
    profile_id: str
    name: str
    created_at: float  # real time
    status: ModelStatus
    size_bytes: int = 0
    job_ids: list[str] = field(default_factory=list)
    deleting_since: Moment | None = None
    definition: dict[str, Any] = field(default_factory=dict)  # as the service was given it


@dataclass
class Job:
    """Times are the racing clock's. `ends_at` is known once the job runs, and moves forward when it is stopped."""

    job_id: str
    kind: JobKind
    profile_id: str
    model_id: str
    requested_seconds: int
    queued_at: int
    status: JobStatus = JobStatus.QUEUED
    started_at: int = 0
    ends_at: int = 0
    charged_seconds: int = 0  # what the profile's used seconds have grown by

    @property
    def is_active(self) -> bool:
        return self.status not in (JobStatus.COMPLETED, JobStatus.CANCELED)


@dataclass
class Pool:
    """Jobs that share a concurrency limit; the next one begins when a place is free."""

    limit: int
    running: set[str] = field(default_factory=set)
    waiting: deque[str] = field(default_factory=deque)


@dataclass(frozen=True)
class Submission:
    """A finished run in a race. `profile_id` is empty for a racer of another account who was invited."""

    profile_id: str
    alias: str
    time_milliseconds: int
    submitted_at: float  # real time


@dataclass
class Race:
    """`definition` is what the service was given and gives back; times are real."""

    race_id: str
    name: str
    opens_at: float
    closes_at: float
    created_at: float
    definition: dict[str, Any]
    submissions_per_racer: int = 0  # 0: as many as they like
    access_token: str = ""
    token_expires_at: float | None = None
    submissions: list[Submission] = field(default_factory=list)
    participants: dict[str, float] = field(default_factory=dict)  # profile id → joined at


@dataclass
class Account:
    """One sponsoring account of either kind; of DeepRacer on AWS, one deployment, whose namespace is its name."""

    account_id: str
    region: str
    kind: Kind
    job_limit: int  # of each pool
    name: str = ""
    active: bool = True  # multi-user mode
    default_minutes: int = field(init=False)  # of new profiles
    default_models: int = field(init=False)
    profiles: dict[str, Profile] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    races: dict[str, Race] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    deleting: dict[str, None] = field(default_factory=dict)  # ids of models that are about to vanish
    numbers: int = 0  # how many were given out
    settled_at: int = 0  # racing clock, up to which everything has happened

    def __post_init__(self) -> None:
        self.default_minutes = self.rules.default_minutes
        self.default_models = self.rules.default_models

    @property
    def rules(self) -> Rules:
        return RULES[self.kind]

    def pool_of(self, kind: JobKind) -> Pool:
        name = kind if self.rules.separates_evaluations else ""
        return self.pools.setdefault(name, Pool(self.job_limit))

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers

    def new_id(self) -> str:
        """In the form of this kind of account."""
        if self.kind is Kind.MULTI_USER:
            return str(uuid.uuid4())
        return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(_ON_AWS_ID_LENGTH))


@dataclass
class Racing:
    """All accounts by (kind, account id, region, name), and the clock that they share."""

    clock: Clock = field(default_factory=Clock)
    accounts: dict[tuple[Kind, str, str, str], Account] = field(default_factory=dict)

    def put(self, account: Account) -> Account:
        """The account of the same key, if there is one already, else this one."""
        key = (account.kind, account.account_id, account.region, account.name)
        return self.accounts.setdefault(key, account)

    def find(self, kind: Kind, account_id: str, *, region: str = "us-east-1", name: str = "") -> Account | None:
        return self.accounts.get((kind, account_id, region, name))
