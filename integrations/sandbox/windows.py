"""Moving windows, the form in which Microsoft and AWS state their rate limits."""

from bisect import insort
from collections import deque
from dataclasses import dataclass, field


@dataclass
class MovingWindow:
    """At most ``amount`` units within any ``seconds``; a refused request takes nothing."""

    amount: int
    seconds: float
    _taken: deque[tuple[float, int]] = field(default_factory=deque)
    _total: int = 0

    def seconds_until_free(self, cost: int, now: float) -> float:
        """0 when ``cost`` units are free at ``now``, otherwise the time until enough of the window has moved on."""
        self._forget_before(now - self.seconds)
        missing = self._total + cost - self.amount
        if missing <= 0:
            return 0.0
        for moment, taken in self._taken:
            missing -= taken
            if missing <= 0:
                return moment + self.seconds - now
        return self.seconds

    def take(self, cost: int, now: float) -> None:
        insort(self._taken, (now, cost))  # requests overtake each other on their way here
        self._total += cost

    def share_used(self, now: float) -> float:
        self._forget_before(now - self.seconds)
        return self._total / self.amount

    def _forget_before(self, moment: float) -> None:
        while self._taken and self._taken[0][0] <= moment:
            self._total -= self._taken.popleft()[1]


@dataclass
class Windows:
    """Moving windows by name and key, created when first used."""

    _windows: dict[tuple[str, str], MovingWindow] = field(default_factory=dict)

    def window(self, name: str, key: str, *, amount: int, seconds: float) -> MovingWindow:
        return self._windows.setdefault((name, key), MovingWindow(amount, seconds))

    def clear(self) -> None:
        self._windows.clear()
