"""The embedded servers: shared, recovered, and stopped."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from environ import Env

from paddock.launch.databases import ensure_database
from paddock.launch.endings import is_alive
from paddock.launch.servers import start_postgres, start_valkey, stop_postgres, stop_valkey
from paddock.launch.system_user import choose_identity, describe_user
from tests.launch.launcher import ROOT, find_processes
from tests.support.waiting import wait_until

START = (
    "import sys; from pathlib import Path; from paddock.launch.servers import start_postgres, start_valkey;"
    "print(start_postgres(Path(sys.argv[1], 'postgres')).pid, start_valkey(Path(sys.argv[1], 'valkey')).pid)"
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    stop_postgres(tmp_path / "postgres")
    stop_valkey(tmp_path / "valkey")
    assert find_processes(tmp_path) == []


def test_processes_that_start_one_folder_at_once_share_its_servers(folder: Path) -> None:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
    command = [sys.executable, "-c", START, str(folder)]
    starts = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = {start.communicate(timeout=60)[0] for start in starts}
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert len(answers) == 1


def test_addresses_are_read_alike_by_libpq_and_django(folder: Path) -> None:
    server = start_postgres(folder / "a folder, with a very long name " / ("x" * 90) / "postgres")
    ensure_database(server)
    ensure_database(server)
    url = server.url_for("paddock", "paddock")
    parsed = Env.db_url_config(url)
    assert (parsed["NAME"], parsed["USER"], parsed["HOST"]) == ("paddock", "paddock", "")
    with (
        psycopg.connect(url) as direct,
        psycopg.connect(dbname="paddock", user="paddock", **parsed["OPTIONS"]) as other,
    ):
        for connection in (direct, other):
            row = connection.execute(
                "select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles where rolname = current_user"
            ).fetchone()
            assert row == (False, False, False, False)
    socket_folder = server.socket_folder
    server.stop()
    assert not socket_folder.exists()


def test_data_outlives_a_killed_server(folder: Path) -> None:
    server = start_postgres(folder / "postgres")
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("create table kept as select 42 as answer")
    kill_postgres(server.pid)
    again = start_postgres(folder / "postgres")
    assert again.pid != server.pid
    with psycopg.connect(again.owner_url) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)


def kill_postgres(pid: int) -> None:
    """Kill the server, which may not be gone at once, and wait for its helpers, which end when they notice."""
    server = psutil.Process(pid)
    server.suspend()  # so that it starts no other helper meanwhile
    helpers = server.children()
    server.kill()
    wait_until(lambda: not any(map(is_alive, helpers)))


@pytest.mark.parametrize("command", [["sleep", "60"], ["true"]], ids=["somebody else", "a process that nobody buried"])
def test_stale_locks_do_not_keep_it_from_starting(command: list[str], folder: Path) -> None:
    server = start_postgres(folder / "postgres")
    locks = [folder / "postgres" / "data" / "postmaster.pid", server.socket_folder / ".s.PGSQL.5432.lock"]
    left = [lock.read_text() for lock in locks]
    kill_postgres(server.pid)
    with start_stranger(command, folder / "postgres" / "data") as stranger:
        for lock, text in zip(locks, left, strict=True):
            lock.write_text(text.replace(str(server.pid), str(stranger), 1))
        assert start_postgres(folder / "postgres").pid != stranger
        assert psutil.pid_exists(stranger)


@contextmanager
def start_stranger(command: list[str], data: Path) -> Iterator[int]:
    """Run it for the user whom the cluster belongs to: PostgreSQL takes nobody else's process for its own."""
    with subprocess.Popen(command, **describe_user(choose_identity(data))) as stranger:
        try:
            yield stranger.pid
        finally:
            stranger.kill()


def test_cluster_that_was_killed_half_made_is_made_anew(folder: Path) -> None:
    unfinished = folder / "postgres" / "unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with psycopg.connect(start_postgres(folder / "postgres").owner_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_valkey_starts_anew_after_a_kill(folder: Path) -> None:
    server = start_valkey(folder / "valkey")
    psutil.Process(server.pid).kill()
    again = start_valkey(folder / "valkey")
    assert again.pid != server.pid
    with redis.Redis.from_url(again.url) as client:
        assert client.ping()
    again.stop()
    stop_valkey(folder / "valkey")
