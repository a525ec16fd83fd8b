"""Signatures, and temporary access keys that carry their account, so that they outlive a restart as real ones do."""

import re
import secrets
import string
from collections.abc import Mapping
from typing import Any

DEFAULT_ACCOUNT = "123456789012"

_TEMPORARY = re.compile(r"^ASIA(\d{12})[A-Z0-9]{4}$")
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_ALPHABET = string.ascii_uppercase + string.digits


def new_access_key(account_id: str) -> str:
    """20 characters, as moto and boto expect them."""
    return f"ASIA{account_id}{''.join(secrets.choice(_ALPHABET) for _ in range(4))}"


def account_of(access_key_id: str) -> str:
    match = _TEMPORARY.match(access_key_id)
    return match[1] if match else DEFAULT_ACCOUNT


def credential_of(environ: Mapping[str, Any]) -> tuple[str, str, str]:
    """(access key id, region, signing name) of the signature; empty for what is not signed."""
    match = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    return (match[1], match[2], match[3]) if match else ("", "", "")
