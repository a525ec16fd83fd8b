"""Ending processes, our own children and those that a killed launcher left behind alike."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Whether the process still runs. A dead one that nobody has collected (a zombie) does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end_processes(
    processes: Sequence[psutil.Process], *, patience: float, is_hurried: Callable[[], bool] = lambda: False
) -> None:
    """Ask all of them to stop, then kill whatever lives on in their process groups after `patience` seconds.

    Each process leads its own process group. `is_hurried` ends the patience early.
    """
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    deadline = time.monotonic() + patience
    while any(map(is_alive, processes)) and time.monotonic() < deadline and not is_hurried():
        time.sleep(0.02)
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + patience
    while any(map(is_alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.02)
