"""Celery's worker and beat, and the web server, as processes of their own on the database of the test."""

import itertools
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.support import services
from tests.support.forking import ROOT, Forker
from tests.support.sandbox import Sandbox, free_port

PADDOCK = ["-A", "paddock"]
WORKER = ["worker", "--pool", "threads", "--concurrency", "8"]
# What workers tell each other about themselves is of no use here.
ALONE = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
LOG_CHARACTERS = 6000


class Process:
    """One module that runs."""

    def __init__(self, forker: Forker, module: str, arguments: list[str], *, log: Path) -> None:
        self.log = log
        self._forker = forker
        self._id = forker.fork(module, arguments, log=log)

    def kill(self) -> None:
        """SIGKILL: the process has no chance to finish or tidy up anything."""
        self._forker.kill(self._id)


class Crew:
    """Workers and beats that share an environment."""

    def __init__(self, folder: Path, forker: Forker) -> None:
        self._folder = folder
        self._forker = forker
        self._numbers = itertools.count(1)
        self._processes: list[Process] = []

    def start_worker(self) -> Process:
        name = f"worker-{next(self._numbers)}"
        return self._start(
            name, "celery", [*PADDOCK, *WORKER, *ALONE, "--hostname", f"{name}@%h", "--loglevel", "INFO"]
        )

    def start_beat(self) -> Process:
        return self._start(
            "beat", "celery", [*PADDOCK, "beat", "--schedule", str(self._folder / "beat.schedule"), "--pidfile="]
        )

    def start_web(self) -> str:
        """Returns the server's address, at which it will soon listen."""
        address = f"127.0.0.1:{free_port()}"
        self._start("web", "django", ["runserver", "--noreload", address])
        return f"http://{address}"

    def read_logs(self) -> str:
        logs = {process.log.name: process.log.read_text(errors="replace") for process in self._processes}
        return "\n".join(f"--- {name}\n{text[-LOG_CHARACTERS:]}" for name, text in logs.items())

    def _start(self, name: str, module: str, arguments: list[str]) -> Process:
        process = Process(self._forker, module, arguments, log=self._folder / f"{name}.log")
        self._processes.append(process)
        return process


@contextmanager
def crew(sandbox: Sandbox, **variables: str) -> Iterator[Crew]:
    """A crew for the block; none of it is left after. Where the block fails, the ends of the logs are printed."""
    with tempfile.TemporaryDirectory(prefix="paddock-crew-") as folder:
        forker = Forker(_build_environment(sandbox) | variables)
        hired = Crew(Path(folder), forker)
        try:
            yield hired
        except BaseException:
            sys.stderr.write(hired.read_logs())
            raise
        finally:
            forker.close()


def _build_environment(sandbox: Sandbox) -> dict[str, str]:
    """As this process has it, but for pytest's own variables; sweeps and freed claims come soon."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    database = services.postgres().url_for(str(connection.settings_dict["NAME"]), "postgres")
    return {
        **inherited,
        **sandbox.environment(),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
        "DJANGO_SETTINGS_MODULE": "paddock.settings.test",
        "DATABASE_URL": database,
        "DATABASE_OWNER_URL": database,
        "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
        "SWEEP_SECONDS": "1",
        "CLAIM_SECONDS": "5",
    }
