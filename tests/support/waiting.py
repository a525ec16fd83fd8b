"""Waiting for what takes a moment, without sleeping longer than it does."""

import time
from collections.abc import Callable

PAUSE_SECONDS = 0.05


def eventually(condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """Return as soon as the condition holds; fail when it does not within the given time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"The condition did not come true within {seconds:g} seconds.")
        time.sleep(PAUSE_SECONDS)
