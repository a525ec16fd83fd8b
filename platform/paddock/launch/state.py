"""The state folder: what Paddock on this machine keeps from one start to the next."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from cryptography.fernet import Fernet

from paddock.launch.errors import LaunchError

ROOT = Path(__file__).resolve().parents[3]
# How long a start waits for another launcher that may be about to leave, before it says that it is in the way.
SERVING_GRACE_SECONDS = 2.0
BUSY_GRACE_SECONDS = 20.0


class State:
    """The state folder (`.paddock/`, or PADDOCK_HOME) and its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.run = folder / "run.json"
        self.processes = folder / "processes.json"
        self.demonstration = folder / "demonstration.json"

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep every other launcher out of the folder inside the block.

        Raises:
            LaunchError: when another one is in it and stays.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.folder / "launcher.lock").open("a+") as file:
            self._wait_for_lock(file)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def _wait_for_lock(self, file: TextIO) -> None:
        started = time.monotonic()
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waited = time.monotonic() - started
            else:
                return
            running = read_json(self.run)
            if running and waited > SERVING_GRACE_SECONDS:
                raise LaunchError(f"Paddock already runs here (pid {running['pid']}): open {running['portal']}")
            if waited > BUSY_GRACE_SECONDS:
                file.seek(0)
                raise LaunchError(f"Paddock is already being started or stopped here (pid {file.read()}).")
            time.sleep(0.1)

    def read_secrets(self) -> dict[str, str]:
        """Return SECRET_KEY and SECRET_KEYS, generated at the first start. Only the folder's owner may read them."""
        path = self.folder / "secrets.json"
        known: dict[str, str] | None = read_json(path)
        if known is None:
            known = {"SECRET_KEY": secrets.token_urlsafe(50), "SECRET_KEYS": Fernet.generate_key().decode()}
            write_json(path, known)
        return known


def find_state() -> State:
    """Return the state folder that the environment names, made if need be."""
    folder = Path(os.environ.get("PADDOCK_HOME") or ROOT / ".paddock").expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LaunchError(
            f"The state folder {folder} cannot be made: {error.strerror}. PADDOCK_HOME names another."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise LaunchError(
            f"The state folder {folder} belongs to another user. Set PADDOCK_HOME to a folder of your own."
        )
    return State(folder)


def read_json(path: Path) -> Any:
    """Return what the file holds, or None if there is no such file."""
    return json.loads(path.read_text()) if path.exists() else None


def write_json(path: Path, content: Any) -> None:
    """Write the file so that it is there completely or not at all, for its owner's eyes only."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
