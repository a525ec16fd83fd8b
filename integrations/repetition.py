"""Reading calls that are repeated in place.

A list of fifty pages would never be read to its end if one call in ten failed and each failure meant to start over.
Changes are not repeated here: convergence looks first whether they came through.
"""

import random
from collections.abc import Callable
from functools import wraps
from time import sleep
from typing import ParamSpec, TypeVar

from integrations.errors import IntegrationError

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

TRIES = 4
FIRST_PAUSE_SECONDS = 0.2
# Whoever is asked to wait longer gives the worker to somebody else.
LONGEST_WAIT_SECONDS = 2.0


def repeat_read(call: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """For a function of one reading call that raises IntegrationError."""

    @wraps(call)
    def repeated(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        for attempt in range(1, TRIES):
            try:
                return call(*args, **kwargs)
            except IntegrationError as error:
                if error.permanent or (pause := _pause(error, attempt)) > LONGEST_WAIT_SECONDS:
                    raise
                sleep(pause)
        return call(*args, **kwargs)

    return repeated


def _pause(error: IntegrationError, attempt: int) -> float:
    """What was asked for; after no answer at all, there is nothing to wait for."""
    if error.retry_after is not None and error.code != "NoAnswer":
        return error.retry_after
    longest: float = FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
    return longest * random.uniform(0.5, 1)  # noqa: S311 -- spreads load, guards nothing
