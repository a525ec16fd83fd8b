"""How many calls a key, and whoever comes without one, may make; told in the headers of every answer."""

import logging

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from paddock.rates import Use, find_client_address, use_rate

logger = logging.getLogger(__name__)


def count_use(rate: str, *key: str) -> Use | None:
    """Without the server that counts, nobody is refused."""
    try:
        return use_rate(rate, *key)
    except RedisError:
        logger.warning("Calls of the API are not limited, because Valkey cannot be reached.", exc_info=True)
        return None


class CallThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        if request.auth is not None:
            self.use = count_use(settings.API_RATE_PER_KEY, "api", "key", str(request.auth.pk))
        else:
            self.use = count_use(settings.API_RATE_PER_ADDRESS, "api", "address", find_client_address(request))
        view.rate_headers = describe_use(self.use)  # type: ignore[attr-defined]
        return self.use is None or self.use.is_allowed

    def wait(self) -> float | None:
        return self.use.seconds if self.use else None


def describe_use(use: Use | None) -> dict[str, str]:
    """The fields of the IETF's draft “RateLimit header fields for HTTP”."""
    if use is None:
        return {}
    return {
        "RateLimit-Policy": f'"calls";q={use.quota};w={use.window}',
        "RateLimit": f'"calls";r={use.remaining};t={use.seconds}',
    }
