"""Temporary access keys that carry their account, so that they outlive a restart as real ones do."""

import re
import secrets
import string

DEFAULT_ACCOUNT = "123456789012"

_TEMPORARY = re.compile(r"^ASIA(\d{12})[A-Z0-9]{4}$")
_ALPHABET = string.ascii_uppercase + string.digits


def new_access_key(account_id: str) -> str:
    """20 characters, as moto and boto expect them."""
    return f"ASIA{account_id}{''.join(secrets.choice(_ALPHABET) for _ in range(4))}"


def account_of(access_key_id: str) -> str:
    match = _TEMPORARY.match(access_key_id)
    return match[1] if match else DEFAULT_ACCOUNT
