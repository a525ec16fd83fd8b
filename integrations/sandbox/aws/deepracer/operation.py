"""What every operation is: a shape of its request, and what it does with a request of that shape."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.aws.deepracer.shapes import Structure
from integrations.sandbox.failures import Failures
from integrations.sandbox.racing.accounts import Account
from integrations.sandbox.racing.clock import Moment

Body = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """An administrator of the account, at this moment: a session with no racer's token."""

    account: Account
    moment: Moment
    failures: Failures


@dataclass(frozen=True)
class Operation:
    request: Structure
    answer: Callable[[Caller, Body], Body]


def milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
