"""Signals that ask the launcher to stop: Ctrl-C, `kill`, and a closed terminal."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(BaseException):
    """Somebody asked to stop. Not an Exception: nothing on the way may take it for a failure of its own."""


class Interrupts:
    """Turns the first signal into Interrupted and counts the others."""

    def __init__(self) -> None:
        self.count = 0
        self._held = False

    def install(self) -> None:
        """Listen from now on. A hang-up that is ignored already (`nohup`) stays ignored."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._receive)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._receive)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if not self._held:
            raise Interrupted

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the block finish before a signal takes effect."""
        was_held, count_before = self._held, self.count
        self._held = True
        try:
            yield
        finally:
            self._held = was_held
        if not was_held and self.count > count_before:
            raise Interrupted

    def ignore(self) -> None:
        """Never raise again, only count."""
        self._held = True


class Parent:
    """The `make` that started the launcher. Should it be killed, nobody is left to press Ctrl-C at."""

    def __init__(self) -> None:
        self._pid = os.getppid() if "MAKELEVEL" in os.environ else None

    def is_gone(self) -> bool:
        """Whether there was such a parent and there is no longer."""
        return self._pid is not None and os.getppid() != self._pid
