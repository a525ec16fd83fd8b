"""Progress on the terminal: one line a step, with the time it took."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

TITLE_WIDTH = 34


def is_terminal() -> bool:
    """Whether a person watches, rather than a file or a pipe."""
    return sys.stdout.isatty()


def paint(text: str, code: str) -> str:
    """Return the text in the colour of an ANSI code, on a terminal only."""
    return f"\x1b[{code}m{text}\x1b[0m" if is_terminal() else text


@contextmanager
def show_step(title: str) -> Iterator[None]:
    """Show that the block is under way, for how long, and how long it took."""
    started = time.monotonic()
    ended = threading.Event()
    line = f"  {title:<{TITLE_WIDTH}}"
    print(line, end="", flush=True)
    clock = threading.Thread(target=_show_clock, args=(line, started, ended), daemon=True)
    if is_terminal():
        clock.start()
    try:
        yield
    except BaseException:
        _finish(clock, ended)
        print()
        raise
    _finish(clock, ended)
    took = f"{time.monotonic() - started:6.1f} s"
    print(f"\r{line}{took}" if is_terminal() else took, flush=True)


def _show_clock(line: str, started: float, ended: threading.Event) -> None:
    while not ended.wait(0.2):
        print(f"\r{line}{time.monotonic() - started:6.1f} s", end="", flush=True)


def _finish(clock: threading.Thread, ended: threading.Event) -> None:
    ended.set()
    if clock.is_alive():
        clock.join()
