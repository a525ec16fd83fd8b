"""Injected failures: which calls fail, and how."""

import random
from enum import Enum, auto

from integrations.sandbox.knobs import Knobs


class Failure(Enum):
    THROTTLED = auto()  # 429
    ERROR = auto()  # 500
    UNAVAILABLE = auto()  # 503
    DROPPED_BEFORE = auto()  # connection closed, nothing was done
    DROPPED_AFTER = auto()  # connection closed, the work was done


RETRY_AFTER_SECONDS = 1


class Failures:
    """Draws from the ``failure_rate`` knob."""

    def __init__(self, knobs: Knobs) -> None:
        self._rate = knobs.failure_rate

    def strikes(self) -> bool:
        return self._rate > 0 and random.random() < self._rate

    def draw(self) -> Failure | None:
        """The fate of a whole call. No answer at all is one case in four, split between before and after the work."""
        if not self.strikes():
            return None
        kinds = list(Failure)
        return random.choices(kinds, weights=[2, 2, 2, 1, 1])[0]
