"""How often somebody may try something, counted for all processes together. A rate is written "amount/seconds"."""

import time
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter


class TooManyTries(Exception):
    """`retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many tries from here. Wait a moment and try again.")
        self.retry_after = retry_after


def count_try(rate: str, *key: str) -> None:
    """Count one try. Raises TooManyTries, and counts nothing, where the rate is reached."""
    limit = _parse(rate)
    if not _limiter(settings.THROTTLE_URL).hit(limit, *key):
        raise TooManyTries(_seconds_left(limit, key))


@dataclass(frozen=True)
class Use:
    """What is left of a rate after a try: `remaining` of `quota` in `window` seconds; all of it again in `seconds`."""

    is_allowed: bool
    quota: int
    window: int
    remaining: int
    seconds: int


def use_rate(rate: str, *key: str) -> Use:
    """Count one try, where the rate allows it, and tell what is left."""
    limit = _parse(rate)
    is_allowed = _limiter(settings.THROTTLE_URL).hit(limit, *key)
    reset_time, remaining = _limiter(settings.THROTTLE_URL).get_window_stats(limit, *key)
    seconds = max(int(reset_time - time.time()) + 1, 1)
    return Use(is_allowed, limit.amount, limit.get_expiry(), remaining, seconds)


def check_tries(rate: str, *key: str) -> None:
    """Raises TooManyTries where the rate is reached; counts nothing."""
    limit = _parse(rate)
    if not _limiter(settings.THROTTLE_URL).test(limit, *key):
        raise TooManyTries(_seconds_left(limit, key))


def find_client_address(request: HttpRequest) -> str:
    """The address that the outermost trusted proxy saw; the connection's own where there is none."""
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if 0 < settings.TRUSTED_PROXY_COUNT <= len(forwarded):
        return forwarded[-int(settings.TRUSTED_PROXY_COUNT)]
    return str(request.META.get("REMOTE_ADDR", ""))


@lru_cache
def _limiter(url: str) -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string(url))


def _parse(rate: str) -> RateLimitItemPerSecond:
    amount, seconds = (int(part) for part in rate.split("/"))
    return RateLimitItemPerSecond(amount, seconds)


def _seconds_left(limit: RateLimitItemPerSecond, key: tuple[str, ...]) -> int:
    reset_time, _ = _limiter(settings.THROTTLE_URL).get_window_stats(limit, *key)
    return max(int(reset_time - time.time()) + 1, 1)
