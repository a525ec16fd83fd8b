"""Waiting for what takes a moment, without sleeping longer than it does."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

# Longer than anything takes on a busy machine: only a failure costs the time. Limits that are meant are asserted.
PATIENCE_SECONDS = 240.0


def wait_until(condition: Callable[[], Found], *, seconds: float = PATIENCE_SECONDS, pause: float = 0.05) -> Found:
    """Poll until the condition holds and return what it found; fail with its last value when time is up."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Still {found!r} after {seconds} s")
        time.sleep(pause)
    return found
