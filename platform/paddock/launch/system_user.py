"""The system user that PostgreSQL runs as when the launcher runs as root, which PostgreSQL refuses to do."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paddock.launch.errors import LaunchError

SYSTEM_USER = "paddock-postgres"


@dataclass(frozen=True)
class Identity:
    """A user and group id to run as."""

    uid: int
    gid: int


def choose_identity(data: Path) -> Identity | None:
    """Return who must run PostgreSQL on the data folder `data`; None means the current user.

    Root hands an existing folder to its owner, whoever made it: an ordinary user of the same checkout, or the system
    user of an earlier container.
    """
    if os.geteuid() != 0:
        return None
    owner = data.stat() if data.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Identity(owner.st_uid, owner.st_gid)
    return _ensure_system_user()


def _ensure_system_user() -> Identity:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _add_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Identity(entry.pw_uid, entry.pw_gid)


def _add_system_user() -> None:
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if useradd is None:
        raise LaunchError(
            f"PostgreSQL does not run as root, and there is no `useradd` to make the system user {SYSTEM_USER}. "
            "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server of your own."
        )
    command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    # 9: the name is taken, by another start at this very moment.
    if result.returncode not in {0, 9}:
        raise LaunchError(f"The system user {SYSTEM_USER} for PostgreSQL could not be made: {result.stderr.strip()}")


def describe_user(identity: Identity | None) -> dict[str, Any]:
    """Return the arguments that make `subprocess` run a command as `identity`."""
    return {} if identity is None else {"user": identity.uid, "group": identity.gid, "extra_groups": []}


def open_parents(path: Path) -> None:
    """Let other users pass through (not list) the folders above `path`, where they may not yet."""
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def open_tree(folder: Path) -> None:
    """Let other users read everything below `folder`, and run what its owner may run."""
    open_parents(folder)
    for path in [folder, *folder.rglob("*")]:
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)
