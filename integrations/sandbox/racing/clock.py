"""The racing clock: simulated time, which runs at the speed of a knob and can be moved on."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Moment:
    """The same instant on both clocks, in seconds since the epoch.

    Jobs run on the racing clock, which is ahead of the real one once it has run faster or was moved on. Everything
    that people agree on among themselves stays in real time: when a race opens, when a model was made.
    """

    racing: int
    real: float


@dataclass
class Clock:
    """Whole seconds, so that minutes can be added up without a remainder."""

    _racing: float = field(default_factory=time.time)
    _real: float = field(default_factory=time.time)

    def tick(self, *, real: float, speed: float) -> Moment:
        """Let the real time since the last tick pass at this speed: tick before the speed changes, too."""
        self._racing += max(0.0, real - self._real) * speed
        self._real = real
        return Moment(int(self._racing), real)

    def advance(self, *, seconds: float) -> None:
        self._racing += seconds

    def resume(self, *, real: float) -> None:
        """After a standstill, during which no time has passed."""
        self._real = real
