"""The whole of `make run`, through its command."""

import json
import re
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from paddock.launch.servers import start_postgres
from tests.launch.launcher import Launcher, find_processes, launching

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("launch")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("launch") / "state"


@pytest.fixture(scope="module")
def first_run(home: Path) -> Iterator[Launcher]:
    with launching(home) as launcher:
        launcher.wait_for_report()
        yield launcher


def fetch(url: str) -> int:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 -- an address of our own report
        return int(answer.status)


def test_report_tells_scripts_where_everything_is(first_run: Launcher) -> None:
    report = first_run.read_report()
    assert set(report) == {"portal", "admin", "api", "sandbox", "pid", "events", "accounts"}
    assert report["pid"] == first_run.process.pid
    assert report["events"]
    for event in report["events"]:
        assert event["portal"] == f"{report['portal']}e/{event['organization']}/{event['event']}/"
    assert {account["role"] for account in report["accounts"]} == {"operator", "owner", "organizer", "viewer"}
    for account in report["accounts"]:
        assert set(account) == {"role", "organization", "email", "password"}


def test_everything_that_the_report_names_answers(first_run: Launcher) -> None:
    report = first_run.read_report()
    for url in (report["portal"], f"{report['admin']}login/", report["sandbox"], report["events"][0]["portal"]):
        assert fetch(url) == 200, url


def test_people_are_told_what_to_open(first_run: Launcher) -> None:
    report, output = first_run.read_report(), first_run.read_output()
    places = [report["admin"], report["api"], f"{report['sandbox']}/mailbox"]
    for text in [*places, *(event["portal"] for event in report["events"])]:
        assert text in output
    for account in report["accounts"]:
        assert re.search(f"{re.escape(account['email'])} +{re.escape(account['password'])}$", output, re.MULTILINE)
    assert "\x1b" not in output


def test_secrets_are_for_the_owner_alone(first_run: Launcher) -> None:
    for name in ("secrets.json", "run.json"):
        assert (first_run.home / name).stat().st_mode & 0o077 == 0


def test_second_start_says_that_paddock_runs_here(first_run: Launcher) -> None:
    report = first_run.read_report()
    with launching(first_run.home.with_name("other"), PADDOCK_HOME=str(first_run.home)) as second:
        assert second.wait_for_end() == 1
        assert f"Paddock already runs here (pid {report['pid']}): open {report['portal']}" in second.read_output()


def test_start_after_a_kill_recovers_with_data_intact_and_stops_cleanly(first_run: Launcher) -> None:
    home, secrets = first_run.home, (first_run.home / "secrets.json").read_text()
    postgres = start_postgres(home / "postgres")
    with psycopg.connect(postgres.url_for("paddock", "postgres")) as connection:
        connection.execute("create table kept as select 42 as answer")
    port = urlsplit(first_run.read_report()["portal"]).port
    left = {process.pid for process in find_processes(home)} - {first_run.process.pid, postgres.pid}
    first_run.send(signal.SIGKILL)

    with launching(home) as second:
        second.wait_for_output("The last run was killed")
        report = second.wait_for_report()
        now = {process.pid for process in find_processes(home)}
        with psycopg.connect(start_postgres(home / "postgres").url_for("paddock", "postgres")) as connection:
            assert connection.execute("select answer from kept").fetchone() == (42,)
        assert urlsplit(report["portal"]).port == port
        assert (home / "secrets.json").read_text() == secrets
        # Valkey keeps nothing, so it may live on; everything else is new.
        assert len(left & now) <= 1

        assert second.send(signal.SIGINT) == 0
        assert find_processes(home) == []
        assert not (home / "run.json").exists()
        assert json.loads((home / "processes.json").read_text()) == []


def test_ctrl_c_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    with launching(tmp_path / "state") as launcher:
        launcher.wait_for_output("Database tables")
        assert launcher.send(signal.SIGTERM) == 0
        assert find_processes(launcher.home) == []


def test_process_that_dies_is_named_and_everything_stops(tmp_path: Path) -> None:
    with launching(tmp_path / "state") as launcher:
        launcher.wait_for_output("Database tables")
        records = json.loads((launcher.home / "processes.json").read_text())
        sandbox = next(record["pid"] for record in records if record["name"] == "sandbox")
        (process,) = (process for process in find_processes(launcher.home) if process.pid == sandbox)
        process.kill()
        assert launcher.wait_for_end() == 1
        assert "The sandbox ended unexpectedly (exit code -9)" in launcher.read_output()
        assert str(launcher.home / "logs" / "sandbox.log") in launcher.read_output()
        assert find_processes(launcher.home) == []
