"""The processes that the launcher starts: each recorded, each in a session of its own, each with its log."""

import contextlib
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from paddock.launch.endings import end_processes
from paddock.launch.errors import LaunchError
from paddock.launch.interrupts import Interrupts
from paddock.launch.logs import begin_log, read_tail
from paddock.launch.state import ROOT, State, read_json, write_json

# Creation times are read from the kernel's ticks; two reads of one process agree to far less than this.
SAME_TIME_SECONDS = 1.0
READY_SECONDS = 90


@dataclass(frozen=True)
class Child:
    """A process of ours and where it logs."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def explain_end(self) -> str:
        """Return a sentence about its end, with the end of its log."""
        return (
            f"The {self.name} ended unexpectedly (exit code {self.process.returncode}). "
            f"Its log {self.log} ends with:\n{read_tail(self.log)}"
        )


class Processes:
    """All children of this launcher. Their ids are on disk, for the start after a launcher that was killed."""

    def __init__(self, state: State, environment: dict[str, str], interrupts: Interrupts) -> None:
        self._state = state
        self._environment = environment
        self._interrupts = interrupts
        self._children: list[Child] = []

    def start(self, name: str, command: Sequence[str], *, inherited: Sequence[int] = ()) -> Child:
        """Start a process that goes on until it is stopped. It gets the `inherited` file descriptors."""
        log = begin_log(self._state.logs / f"{name.replace(' ', '-')}.log")
        with self._interrupts.held(), log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the launcher alone, which then stops everything in order.
                start_new_session=True,
                pass_fds=inherited,
            )
            child = Child(name, process, log)
            self._children.append(child)
            self._record()
        return child

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run a command to its end.

        Raises:
            LaunchError: with the end of its output, when it fails.
        """
        child = self.start(name, command)
        if child.process.wait() != 0:
            raise LaunchError(child.explain_end())
        self._children.remove(child)
        self._record()

    def wait_until_ready(self, child: Child, url: str) -> None:
        """Wait until a web server answers at `url`, with anything but a server's error.

        Raises:
            LaunchError: when the process ends, or does not answer in time.
        """
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if child.process.poll() is not None:
                raise LaunchError(child.explain_end())
            status = _ask(url)
            if status is not None and status < 500:
                return
            time.sleep(0.05 if status is None else 0.5)
        raise LaunchError(
            f"The {child.name} does not answer at {url}. Its log {child.log} ends with:\n{read_tail(child.log)}"
        )

    def check(self) -> None:
        """Raise LaunchError when a child has ended by itself."""
        for child in self._children:
            if child.process.poll() is not None:
                raise LaunchError(child.explain_end())

    def stop(self, *, patience: float, names: Sequence[str] | None = None) -> None:
        """Stop the named children (all: None) at once, killing those that take longer than `patience` seconds."""
        chosen = [child for child in self._children if names is None or child.name in names]
        handles = []
        for child in chosen:
            with contextlib.suppress(psutil.NoSuchProcess):
                handles.append(psutil.Process(child.process.pid))
        end_processes(handles, patience=patience, is_hurried=lambda: self._interrupts.count > 1)
        for child in chosen:
            child.process.wait()
            self._children.remove(child)
        self._record()

    def _record(self) -> None:
        records = []
        for child in self._children:
            with contextlib.suppress(psutil.NoSuchProcess):
                created = psutil.Process(child.process.pid).create_time()
                records.append({"name": child.name, "pid": child.process.pid, "created": created})
        write_json(self._state.processes, records)


def stop_leftovers(state: State) -> list[str]:
    """Stop what a killed launcher left running, and return its names. A stranger who got the same id is left alone."""
    leftovers = {}
    for record in read_json(state.processes) or []:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(record["pid"])
            if abs(process.create_time() - record["created"]) < SAME_TIME_SECONDS:
                leftovers[record["name"]] = process
    end_processes(list(leftovers.values()), patience=5)
    state.processes.unlink(missing_ok=True)
    return list(leftovers)


def _ask(url: str) -> int | None:
    """Return the status of a GET, without any proxy, or None when nobody answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None


def build_paths() -> str:
    """Return PYTHONPATH for children: the repository and `platform/`, before anything that was there."""
    given = os.environ.get("PYTHONPATH", "")
    paths = [str(ROOT), str(ROOT / "platform"), *given.split(os.pathsep)]
    return os.pathsep.join(dict.fromkeys(path for path in paths if path))
