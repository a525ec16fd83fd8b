"""PostgreSQL and Valkey for the whole run of the suite, shared by every pytest-xdist worker.

`conftest.py` asks for them at its top, where the controller runs before its workers do: the folder's name then travels
to the workers in the environment, and the process that made the folder stops the servers when it ends.
"""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from paddock.launch.servers import (
    PostgresServer,
    ValkeyServer,
    start_postgres,
    start_valkey,
    stop_postgres,
    stop_valkey,
)

ROOT = Path(__file__).resolve().parents[2]
FOLDER_VARIABLE = "PADDOCK_TEST_SERVICES"
DATABASES = 16  # that Valkey has unless told otherwise


def postgres() -> PostgresServer:
    """Return the suite's PostgreSQL, started on first use. It has nothing but the superuser and `postgres`."""
    return start_postgres(find_folder() / "postgres", durable=False)


def valkey() -> ValkeyServer:
    """Return the suite's Valkey, started on first use."""
    return start_valkey(find_folder() / "valkey")


def broker_url() -> str:
    """Every pytest-xdist worker has a database of its own there: none empties another's queue or cache."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"{valkey().url.rpartition('/')[0]}/{number % DATABASES}"


def find_folder() -> Path:
    if FOLDER_VARIABLE not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="paddock-tests-"))
        os.environ[FOLDER_VARIABLE] = str(folder)
        watcher = _start_watcher(folder)
        atexit.register(_finish, folder, watcher)
    return Path(os.environ[FOLDER_VARIABLE])


def _start_watcher(folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that cleans up should this one be killed without being able to."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
    command = [sys.executable, "-m", "tests.support.services", str(os.getpid()), str(folder)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": paths}, start_new_session=True)


def _finish(folder: Path, watcher: subprocess.Popen[bytes]) -> None:
    watcher.send_signal(signal.SIGKILL)
    watcher.wait()
    _stop(folder)


def _stop(folder: Path) -> None:
    stop_postgres(folder / "postgres")
    stop_valkey(folder / "valkey")
    shutil.rmtree(folder, ignore_errors=True)


def _watch(owner: int, folder: Path) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(owner).wait()
    _stop(folder)


if __name__ == "__main__":
    _watch(int(sys.argv[1]), Path(sys.argv[2]))
