"""ListUsers: one filter, pages of at most 60."""

import re
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from integrations.sandbox.aws.cognito_pools import CognitoError, PoolUser, UserPool

MAX_LIMIT = 60

_FILTER = re.compile(r'^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$')
_ATTRIBUTES = frozenset({"username", "email", "sub", "name", "given_name", "family_name", "phone_number"})
_STATES: dict[str, Callable[[PoolUser], str]] = {
    "cognito:user_status": lambda user: user.status,
    "status": lambda user: "Enabled" if user.enabled else "Disabled",
}


def list_users(pool: UserPool, *, expression: str, limit: int | None, token: str) -> tuple[list[PoolUser], str]:
    """(users of the page, token of the next one or ""). The token names the last user shown."""
    size = MAX_LIMIT if limit is None else limit
    if not 0 <= size <= MAX_LIMIT:
        raise CognitoError("InvalidParameterException", f"Limit must be at most {MAX_LIMIT}.")
    keys = sorted(key for key, user in pool.users.items() if _matches(user, expression))
    start = bisect_right(keys, token) if token else 0
    shown = keys[start : start + size]
    more = start + size < len(keys)
    return [pool.users[key] for key in shown], shown[-1] if more and shown else ""


def wire_user(user: PoolUser, *, attributes_key: str = "Attributes") -> dict[str, Any]:
    return {
        "Username": user.username,
        attributes_key: [{"Name": name, "Value": value} for name, value in user.attributes.items()],
        "UserCreateDate": datetime.fromtimestamp(user.created_at, UTC),
        "UserLastModifiedDate": datetime.fromtimestamp(user.modified_at, UTC),
        "Enabled": user.enabled,
        "UserStatus": user.status,
    }


def _matches(user: PoolUser, expression: str) -> bool:
    if not expression:
        return True
    parts = _FILTER.match(expression)
    if parts is None or (parts[1] not in _ATTRIBUTES and parts[1] not in _STATES):
        raise CognitoError("InvalidParameterException", "One or more parameters are invalid: Filter")
    wanted, value = re.sub(r"\\(.)", r"\1", parts[3]).lower(), _value(user, parts[1]).lower()
    return value.startswith(wanted) if parts[2] == "^=" else value == wanted


def _value(user: PoolUser, name: str) -> str:
    if name in _STATES:
        return _STATES[name](user)
    return user.username if name == "username" else user.attributes.get(name, "")
