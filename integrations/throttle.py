"""Providers' limits, respected across all processes instead of discovered by being refused."""

import random
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

from integrations.errors import IntegrationError

LONGEST_NAP_SECONDS = 0.25
# Calls overtake each other on their way to the provider, which counts them when they arrive: without a little room
# between two windows, the first call of the second one may arrive within the first.
MARGIN_SECONDS = 0.25

# A moving window as a list of the moments at which something was granted, the newest first. It runs as one step and by
# the server's own clock, so that no two processes grant the same place and none has to agree on the time.
# Answers 0 when granted, else the number of milliseconds until it could be.
_TAKE = """
local amount, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local last_to_leave = redis.call('LINDEX', KEYS[1], amount - cost)
if last_to_leave then
    local wait = last_to_leave + window - now
    if wait > 0 then return wait end
end
for _ = 1, cost do redis.call('LPUSH', KEYS[1], now) end
redis.call('LTRIM', KEYS[1], 0, amount - 1)
redis.call('PEXPIRE', KEYS[1], window)
return 0
"""


@dataclass(frozen=True)
class Limit:
    """At most `amount` within any `seconds`, as the provider documents it."""

    name: str
    amount: int
    seconds: int


class Throttle:
    """Moving windows in Valkey or Redis. `url` is redis://…"""

    def __init__(self, url: str) -> None:
        # Typed loosely: the result of a script is whatever the script returns.
        self._take: Any = redis.Redis.from_url(url).register_script(_TAKE)

    def acquire(self, limit: Limit, key: str, *, cost: int = 1, patience: float = 5.0) -> None:
        """Blocks until `cost` is granted to `key`.

        Raises IntegrationError with `retry_after`, having taken nothing, when that would take longer than `patience`
        seconds, and ValueError for a cost that the limit never grants.
        """
        if not 0 < cost <= limit.amount:
            raise ValueError(f"{limit.name} never grants {cost} at once: it grants 1 to {limit.amount}.")
        deadline = time.monotonic() + patience
        while (wait := self._try_to_take(limit, key, cost)) > 0:
            if time.monotonic() + wait > deadline:
                raise _refusal(wait)
            # Short naps, a little uneven, so that waiting processes do not all ask at the same moment.
            time.sleep(min(wait, LONGEST_NAP_SECONDS) * random.uniform(0.8, 1.0))  # noqa: S311 (no secret)

    def _try_to_take(self, limit: Limit, key: str, cost: int) -> float:
        """Zero when granted, else the number of seconds after which there is room if nobody else comes."""
        window = round((limit.seconds + MARGIN_SECONDS) * 1000)
        try:
            return float(self._take(keys=[f"throttle:{limit.name}:{key}"], args=[limit.amount, window, cost])) / 1000
        except redis.RedisError as error:
            raise IntegrationError(
                "Paddock cannot reach its own Valkey server, which counts the calls to providers. It tries again.",
                retry_after=10,
                code="ThrottleUnreachable",
            ) from error


def _refusal(wait: float) -> IntegrationError:
    return IntegrationError(
        f"The provider's limit is used up for now. Paddock goes on in {max(1, round(wait))} s.",
        retry_after=wait,
        code="Throttled",
    )


@lru_cache
def shared_throttle() -> Throttle:
    return Throttle(settings.THROTTLE_URL)
