"""How often somebody may try to register: for one client address, and for one e-mail address."""

import hashlib
import logging

from django.conf import settings
from redis.exceptions import RedisError

from paddock.rates import TooManyTries, count_try

logger = logging.getLogger(__name__)


class TooManyRegistrations(Exception):
    """`retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many registrations from here. Wait a moment and try again.")
        self.retry_after = retry_after


def check_registration_rate(*, client: str, email: str) -> None:
    """Count one try. Raises TooManyRegistrations where either limit is reached.

    Without the server that counts, nobody is refused: letting people in matters more than holding the few back.
    """
    address = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    try:
        count_try(settings.REGISTRATION_RATE_PER_CLIENT, "registration", "client", client)
        count_try(settings.REGISTRATION_RATE_PER_ADDRESS, "registration", "address", address)
    except TooManyTries as limit:
        raise TooManyRegistrations(limit.retry_after) from limit
    except RedisError:
        logger.warning("Registrations are not limited, because Valkey cannot be reached.", exc_info=True)
