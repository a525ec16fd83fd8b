"""A call of the REST API after the gateway has let it pass."""

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from integrations.sandbox.aws.cognito_pools import PoolUser, UserPool
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.deployments import Deployment
from integrations.sandbox.droa.errors import ApiError, unhandled
from integrations.sandbox.racing.accounts import Account
from integrations.sandbox.racing.clock import Moment

PAGE_SIZE = 100

Body = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """`user` is who calls; `path` and `query` hold parameters by name."""

    cloud: Cloud
    deployment: Deployment
    pool: UserPool
    user: PoolUser
    moment: Moment
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Body

    @property
    def account(self) -> Account:
        return self.deployment.account


def page(items: Mapping[str, T], *, token: str | None) -> tuple[list[T], dict[str, str]]:
    """One page in the order of keys, and what goes into the answer beside it.

    The database stops after as many items as were asked for, without looking whether there are more. So a full page
    always comes with a token, and the page after the last one may be empty.
    """
    keys: Sequence[str] = sorted(items)
    start = bisect_right(keys, _decode(token)) if token else 0
    shown = keys[start : start + PAGE_SIZE]
    more = {"token": _encode(shown[-1])} if len(shown) == PAGE_SIZE else {}
    return [items[key] for key in shown], more


def timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _encode(key: str) -> str:
    return base64.b64encode(json.dumps({"key": key}).encode()).decode()


def _decode(token: str) -> str:
    try:
        return str(json.loads(base64.b64decode(token))["key"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise _invalid_token() from error


def _invalid_token() -> ApiError:
    """Nothing checks a token before the database does."""
    return unhandled()
