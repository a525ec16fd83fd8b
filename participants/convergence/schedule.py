"""When to look again."""

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

FIRST_RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 900.0
SHORTEST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 60.0
WAIT_SHARE = 0.1


def retry_at(now: datetime, *, attempts: int, after: float | None, pauses: Sequence[float] = ()) -> datetime:
    """Exponential backoff, half of it by lot; what the provider asked for is the least we wait.

    Where `pauses` are given they are what is waited, whoever asks to be tried sooner.
    """
    lot = random.random()  # noqa: S311 -- spreads load, guards nothing
    if pauses:
        pause = pauses[min(attempts, len(pauses)) - 1]
        return now + timedelta(seconds=max(pause, after or 0) + lot * FIRST_RETRY_SECONDS)
    if after is not None:
        return now + timedelta(seconds=after + lot * FIRST_RETRY_SECONDS)
    backoff = min(FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 20), LONGEST_RETRY_SECONDS)
    return now + timedelta(seconds=backoff * (1 + lot) / 2)


def look_again_at(now: datetime, *, since: datetime) -> datetime:
    """A tenth of the wait so far: looking costs little, and nobody waits a tenth longer than they must."""
    waited = (now - since).total_seconds()
    return now + timedelta(seconds=min(max(waited * WAIT_SHARE, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS))


def round_up(moment: datetime, seconds: float) -> datetime:
    """The next moment that is a multiple of so many seconds."""
    return datetime.fromtimestamp(math.ceil(moment.timestamp() / seconds) * seconds, tz=UTC)
