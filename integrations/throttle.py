"""Providers' limits, respected across all processes instead of discovered by being refused."""

import random
import time
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from integrations.errors import IntegrationError

LONGEST_NAP_SECONDS = 0.25


@dataclass(frozen=True)
class Limit:
    """At most `amount` within any `seconds`, as the provider documents it."""

    name: str
    amount: int
    seconds: int


class Throttle:
    """Moving windows in Valkey or Redis. `url` is redis://…"""

    def __init__(self, url: str) -> None:
        self._windows = MovingWindowRateLimiter(storage_from_string(url, wrap_exceptions=True))

    def acquire(self, limit: Limit, key: str, *, cost: int = 1, patience: float = 5.0) -> None:
        """Blocks until `cost` is granted to `key`.

        Raises IntegrationError with `retry_after`, having taken nothing, when that would take longer than `patience`
        seconds, and ValueError for a cost that the limit never grants.
        """
        if cost > limit.amount:
            raise ValueError(f"{limit.name} never grants {cost} at once: the limit is {limit.amount}.")
        deadline = time.monotonic() + patience
        item = RateLimitItemPerSecond(limit.amount, limit.seconds, namespace=limit.name)
        while (wait := self._try_to_take(item, key, cost)) > 0:
            if time.monotonic() + wait > deadline:
                raise _refusal(wait)
            # Short naps, a little uneven, so that waiting processes do not all ask at the same moment.
            time.sleep(min(wait, LONGEST_NAP_SECONDS) * random.uniform(0.8, 1.0))  # noqa: S311 (no secret)

    def _try_to_take(self, item: RateLimitItem, key: str, cost: int) -> float:
        """Zero when granted, else the least number of seconds after which asking again makes sense."""
        try:
            if self._windows.hit(item, key, cost=cost):
                return 0.0
            # The oldest entry leaves first. A cost above one may need more of them gone: then this is asked again.
            return max(self._windows.get_window_stats(item, key).reset_time - time.time(), 0.01)
        except StorageError as error:
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
