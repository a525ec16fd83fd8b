"""The password policy of the user pools, and passwords that meet it."""

import secrets
import string

_SYMBOLS = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+="
_KINDS = {
    "numeric": string.digits,
    "uppercase": string.ascii_uppercase,
    "lowercase": string.ascii_lowercase,
    "symbol": _SYMBOLS,
}
_MIN_LENGTH = 8
_MAX_LENGTH = 256
_ONE_TIME_LENGTH = 12


class PasswordPolicyError(Exception):
    """The text is Cognito's message."""


def check_password(password: str) -> None:
    """Raises PasswordPolicyError."""
    if not _MIN_LENGTH <= len(password) <= _MAX_LENGTH:
        raise PasswordPolicyError("Password did not conform with policy: Password not long enough")
    for kind, characters in _KINDS.items():
        if not set(password) & set(characters):
            raise PasswordPolicyError(f"Password did not conform with policy: Password must have {kind} characters")


def one_time_password() -> str:
    """Safe to copy out of a mail: no character that looks like another, none that HTML would change."""
    kinds = ["23456789", "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "!#%*+-=?@_"]
    characters = [secrets.choice(kind) for kind in kinds]
    characters += [secrets.choice("".join(kinds[:3])) for _ in range(_ONE_TIME_LENGTH - len(characters))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)
