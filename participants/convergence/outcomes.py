"""What a handler says of each item that it was given."""

from dataclasses import dataclass
from datetime import datetime

from integrations.errors import IntegrationError


@dataclass(frozen=True)
class Done:
    """The outside world is as it should be, or needs nothing."""

    detail: str = ""


@dataclass(frozen=True)
class Wait:
    """Nothing is wrong, the world is not there yet. The longer it has taken, the less often we look."""

    detail: str


@dataclass(frozen=True)
class Retry:
    """A call went wrong in a way that time mends."""

    detail: str
    after: float | None = None  # seconds, where the provider said so


@dataclass(frozen=True)
class Failed:
    """A person has to act: `detail` tells the organizer how, `hint` the participant where they can mend it."""

    detail: str
    hint: str = ""


@dataclass(frozen=True)
class Untried:
    """There was no getting to it this time, which is no attempt."""

    until: datetime


Outcome = Done | Wait | Retry | Failed | Untried


def judge(error: IntegrationError, *, hint: str = "") -> Outcome:
    """Turn a provider's refusal into an outcome."""
    if error.permanent:
        return Failed(str(error), hint)
    return Retry(str(error), error.retry_after)
