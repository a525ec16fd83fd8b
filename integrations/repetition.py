"""Calls that are repeated in place, because they may be made twice: those that read, and those that take back.

A list of fifty pages would never be read to its end if one call in ten failed and each failure meant to start over.
Other changes are not repeated here: convergence looks first whether they came through.
"""

import random
from collections.abc import Callable, Sequence
from functools import wraps
from time import sleep
from typing import ParamSpec, TypeVar

from integrations.errors import IntegrationError

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
Answers = dict[str, IntegrationError | None]

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
                if (pause := _find_pause(error, attempt)) is None:
                    raise
                sleep(pause)
        return call(*args, **kwargs)

    return repeated


def repeat_refused(change: Callable[[Sequence[str]], Answers], keys: Sequence[str]) -> Answers:
    """Ask again for those that were refused in passing: one call that fails keeps those after it from being made."""
    answers = change(keys)
    for attempt in range(1, TRIES):
        pauses = {key: _find_pause(error, attempt) for key, error in answers.items() if error}
        passing = {key: pause for key, pause in pauses.items() if pause is not None}
        if not passing:
            break
        sleep(max(passing.values()))
        answers |= change(list(passing))
    return answers


def _find_pause(error: IntegrationError, attempt: int) -> float | None:
    """What was asked for; after no answer at all, there is nothing to wait for. None where no repetition will help."""
    if error.permanent:
        return None
    if error.retry_after is not None and error.code != "NoAnswer":
        return error.retry_after if error.retry_after <= LONGEST_WAIT_SECONDS else None
    longest: float = FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
    return longest * random.uniform(0.5, 1)  # noqa: S311 -- spreads load, guards nothing
