"""What an authenticator shows."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

PERIOD = 30


def show_code(secret: str, *, ahead: int = 0) -> str:
    """The code of this moment, or of so many periods later: one is accepted early, so a test need not wait for it."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + ahead)))
