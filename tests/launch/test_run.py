"""The whole of `make run`, through its command."""

import json
import re
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from paddock.launch.ports import find_free_port
from paddock.launch.servers import start_postgres
from tests.launch.launcher import Launcher, find_processes, launching

pytestmark = pytest.mark.slow


class Desk:
    """The run that the tests of this module share, in any order: one that is killed is followed by the next."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.stack = ExitStack()
        self.port = str(find_free_port())

    def start(self) -> None:
        self.run = self.stack.enter_context(launching(self.home, PORT=self.port))
        self.run.wait_for_report()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("launch") / "state")
    with desk.stack:
        desk.start()
        yield desk
        assert desk.run.send(signal.SIGINT) == 0
        assert find_processes(desk.home) == []
        assert not (desk.home / "run.json").exists()
        assert json.loads((desk.home / "processes.json").read_text()) == []


@pytest.fixture
def running(desk: Desk) -> Launcher:
    return desk.run


def fetch(url: str) -> int:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 -- an address of our own report
        return int(answer.status)


def test_report_tells_scripts_where_everything_is(running: Launcher) -> None:
    report = running.read_report()
    assert set(report) == {"portal", "admin", "api", "sandbox", "pid", "events", "accounts", "keys"}
    assert report["pid"] == running.process.pid
    assert report["events"]
    for event in report["events"]:
        assert event["portal"] == f"{report['portal']}e/{event['organization']}/{event['event']}/"
    assert {account["role"] for account in report["accounts"]} == {"operator", "owner", "organizer", "viewer"}
    for account in report["accounts"]:
        assert set(account) == {"role", "organization", "email", "password"}


def test_everything_that_the_report_names_answers(running: Launcher) -> None:
    report = running.read_report()
    for url in (report["portal"], f"{report['admin']}login/", report["sandbox"], report["events"][0]["portal"]):
        assert fetch(url) == 200, url


def test_people_are_told_what_to_open(running: Launcher) -> None:
    report, output = running.read_report(), running.read_output()
    places = [report["admin"], report["api"], f"{report['sandbox']}/mailbox"]
    for text in [*places, *(event["portal"] for event in report["events"])]:
        assert text in output
    for account in report["accounts"]:
        assert re.search(f"{re.escape(account['email'])} +{re.escape(account['password'])}$", output, re.MULTILINE)
    assert "\x1b" not in output


def test_secrets_are_for_the_owner_alone(running: Launcher) -> None:
    for name in ("secrets.json", "run.json"):
        assert (running.home / name).stat().st_mode & 0o077 == 0


def test_second_start_says_that_paddock_runs_here(running: Launcher) -> None:
    report = running.read_report()
    with launching(running.home.with_name("other"), PADDOCK_HOME=str(running.home)) as second:
        assert second.wait_for_end() == 1
        assert f"Paddock already runs here (pid {report['pid']}): open {report['portal']}" in second.read_output()


def test_start_after_a_kill_recovers_with_data_intact(desk: Desk) -> None:
    secrets, report = (desk.home / "secrets.json").read_text(), desk.run.read_report()
    database = start_postgres(desk.home / "postgres").url_for("paddock", "postgres")
    with psycopg.connect(database) as connection:
        connection.execute("create table kept as select 42 as answer")
    left = {record["pid"] for record in json.loads((desk.home / "processes.json").read_text())}
    desk.run.send(signal.SIGKILL)
    assert left <= {process.pid for process in find_processes(desk.home)}

    desk.start()
    assert "The last run was killed" in desk.run.read_output()
    assert not left & {process.pid for process in find_processes(desk.home)}
    with psycopg.connect(database) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)
    assert desk.run.read_report()["portal"] == report["portal"]
    assert desk.run.read_report()["accounts"] == report["accounts"]
    assert (desk.home / "secrets.json").read_text() == secrets


def test_ctrl_c_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    with launching(tmp_path / "state", PORT=str(find_free_port())) as launcher:
        launcher.wait_for_output("Database tables")
        assert launcher.send(signal.SIGTERM) == 0
        assert find_processes(launcher.home) == []


def test_process_that_dies_is_named_and_everything_stops(tmp_path: Path) -> None:
    with launching(tmp_path / "state", PORT=str(find_free_port())) as launcher:
        launcher.wait_for_output("Database tables")
        records = json.loads((launcher.home / "processes.json").read_text())
        sandbox = next(record["pid"] for record in records if record["name"] == "sandbox")
        (process,) = (process for process in find_processes(launcher.home) if process.pid == sandbox)
        process.kill()
        assert launcher.wait_for_end() == 1
        assert "The sandbox ended unexpectedly (exit code -9)" in launcher.read_output()
        assert str(launcher.home / "logs" / "sandbox.log") in launcher.read_output()
        assert find_processes(launcher.home) == []
