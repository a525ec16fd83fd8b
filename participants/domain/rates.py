"""How often somebody may try to register: for one client address, and for one e-mail address."""

import hashlib
import time
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from rest_framework.request import Request


class TooManyRegistrations(Exception):
    """`retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many registrations from here. Wait a moment and try again.")
        self.retry_after = retry_after


def check_registration_rate(*, client: str, email: str) -> None:
    """Count one try. Raises TooManyRegistrations where either limit is reached."""
    address = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    _count(settings.REGISTRATION_RATE_PER_CLIENT, "client", client)
    _count(settings.REGISTRATION_RATE_PER_ADDRESS, "address", address)


def find_client_address(request: HttpRequest | Request) -> str:
    """The address that the outermost trusted proxy saw; the connection's own where there is none."""
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if 0 < settings.TRUSTED_PROXY_COUNT <= len(forwarded):
        return forwarded[-int(settings.TRUSTED_PROXY_COUNT)]
    return str(request.META.get("REMOTE_ADDR", ""))


@lru_cache
def _limiter(url: str) -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string(url))


def _count(rate: str, kind: str, key: str) -> None:
    amount, seconds = (int(part) for part in rate.split("/"))
    limit, limiter = RateLimitItemPerSecond(amount, seconds), _limiter(settings.THROTTLE_URL)
    if not limiter.hit(limit, "registration", kind, key):
        reset_time, _ = limiter.get_window_stats(limit, "registration", kind, key)
        raise TooManyRegistrations(_seconds_until(reset_time))


def _seconds_until(timestamp: float) -> int:
    return max(int(timestamp - time.time()) + 1, 1)
