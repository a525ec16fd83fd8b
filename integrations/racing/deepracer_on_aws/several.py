"""Calls for several racers, a few at a time, each with an outcome of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from integrations.errors import IntegrationError
from integrations.racing.protocol import ALREADY_SIGNED_IN, EMAIL_EXISTS

Outcome = TypeVar("Outcome")

# Enough to use up what the throttle grants; more would only wait for it.
WORKERS = 8

# Permanent refusals that concern one racer. Any other one would meet the next racer too.
PERSONAL = frozenset(
    {
        "400",
        ALREADY_SIGNED_IN,
        "BadRequestError",
        "BadRequestException",
        EMAIL_EXISTS,
        "InvalidParameterException",
        "InvalidPasswordException",
        "NotFoundError",
        "UserLambdaValidationException",
        "UserNotFoundException",
        "ValidationException",
    }
)
# Passing ones that mean everybody.
_COMMON = frozenset({"Throttled", "ThrottleUnreachable", "Unreachable"})


def serve(items: Sequence[str], work: Callable[[str], Outcome]) -> dict[str, Outcome | IntegrationError]:
    """Never raises IntegrationError. After a refusal that means everybody, nobody else is tried: it is theirs, too."""
    common: list[IntegrationError] = []

    def serve_one(item: str) -> Outcome | IntegrationError:
        if common:
            return common[0]
        try:
            return work(item)
        except IntegrationError as error:
            if _means_everybody(error):
                common.append(error)
            return error

    wanted = list(dict.fromkeys(items))
    if not wanted:
        return {}
    with ThreadPoolExecutor(max_workers=min(WORKERS, len(wanted))) as pool:
        return dict(zip(wanted, pool.map(serve_one, wanted), strict=True))


def _means_everybody(error: IntegrationError) -> bool:
    return error.code not in PERSONAL if error.permanent else error.code in _COMMON
