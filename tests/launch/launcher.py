"""Starts the launcher as `make run` does and looks at what it leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from paddock.launch.endings import is_alive

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
STOP_SECONDS = 60


class Launcher:
    """One run of the launcher in a state folder."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.home = home
        self.log = home.with_name(f"{home.name}.log")
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment |= {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")])}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "paddock.launch"],
                cwd=ROOT,
                env=environment | {"PADDOCK_HOME": str(home)} | variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def read_output(self) -> str:
        return self.log.read_text()

    def read_report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.home / "run.json").read_text())
        return report

    def wait_for_report(self) -> dict[str, Any]:
        """Wait until this very run serves."""
        self._wait(lambda: (self.home / "run.json").exists() and self.read_report()["pid"] == self.process.pid)
        return self.read_report()

    def wait_for_output(self, text: str) -> None:
        self._wait(lambda: text in self.read_output())

    def wait_for_end(self) -> int:
        return self.process.wait(START_SECONDS)

    def send(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            assert self.process.poll() is None, self.read_output()
            assert time.monotonic() < deadline, self.read_output()
            time.sleep(0.05)


@contextmanager
def launching(home: Path, **variables: str) -> Iterator[Launcher]:
    """Run the launcher for the block, and leave nothing running after it whatever happens."""
    launcher = Launcher(home, **variables)
    try:
        yield launcher
    finally:
        launcher.process.kill()
        launcher.process.wait()
        for process in find_processes(home):
            with suppress(psutil.NoSuchProcess):
                process.kill()


def find_processes(home: Path) -> list[psutil.Process]:
    """Return everything alive that was started for a state folder: by its environment or its command line."""
    return [process for process in psutil.process_iter() if is_alive(process) and _belongs_to(process, home)]


def _belongs_to(process: psutil.Process, home: Path) -> bool:
    try:
        if any(str(home) in argument for argument in process.cmdline()):
            return True
        environment = process.environ()
        # PostgreSQL's command line names another folder where this one has a long name.
        return environment.get("PADDOCK_HOME") == str(home) or environment.get("PGDATA", "").startswith(f"{home}/")
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
