"""How often somebody may try to register: for one client address, and for one e-mail address."""

import hashlib

from django.conf import settings

from paddock.rates import TooManyTries, count_try


class TooManyRegistrations(Exception):
    """`retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many registrations from here. Wait a moment and try again.")
        self.retry_after = retry_after


def check_registration_rate(*, client: str, email: str) -> None:
    """Count one try. Raises TooManyRegistrations where either limit is reached."""
    address = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    try:
        count_try(settings.REGISTRATION_RATE_PER_CLIENT, "registration", "client", client)
        count_try(settings.REGISTRATION_RATE_PER_ADDRESS, "registration", "address", address)
    except TooManyTries as limit:
        raise TooManyRegistrations(limit.retry_after) from limit
