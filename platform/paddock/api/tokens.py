"""Short-lived tokens, for programs that know OAuth's client credentials and no keys.

A token stands for a key: it is signed and not stored, may do what the key may do at most, and ends with it at once.
"""

from typing import Any

from django.core import signing

from paddock.api.keys import find_key
from paddock.api.models import ApiKey
from paddock.api.scopes import AREAS, READ, WRITE, grants

PREFIX, SALT = "pdt_", "paddock.api.token"
SECONDS = 3600


def list_granted(key: ApiKey) -> list[str]:
    """Every scope that the key's own ones include."""
    scopes = [(area, verb) for area in AREAS for verb in (READ, WRITE)]
    return [area.scope(verb) for area, verb in scopes if grants(key.scopes, area=area, verb=verb)]


def make_token(key: ApiKey, scopes: list[str]) -> str:
    return PREFIX + signing.dumps({"key": key.pk, "scopes": scopes}, salt=SALT)


def find_caller(token: str) -> ApiKey | None:
    """The key that this is, or the one that it stands for, with the scopes of the call. None where it is nothing."""
    return _find_by_token(token) if token.startswith(PREFIX) else find_key(token)


def _find_by_token(token: str) -> ApiKey | None:
    try:
        claims: dict[str, Any] = signing.loads(token.removeprefix(PREFIX), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    key = ApiKey.objects.filter(pk=claims["key"]).first()
    if key is None or not key.is_valid:
        return None
    key.scopes = [scope for scope in claims["scopes"] if scope in list_granted(key)]
    return key
