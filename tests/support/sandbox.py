"""Starts the local cloud as a process of its own, for tests that speak to it over the wire."""

import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import requests

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Sandbox:
    """One sandbox on free ports; usable as a context manager."""

    def __init__(self, *, state: Path | None = None) -> None:
        self.port = free_port()
        self.smtp_port = free_port()
        self._last_errors = ""
        self._state = state
        # A file, because a pipe that nobody empties would stop the process.
        self._error_log = Path(tempfile.gettempdir()) / f"sandbox-{os.getpid()}-{self.port}.log"
        self._process: subprocess.Popen[str] | None = None
        self._http = requests.Session()
        self._http.trust_env = False

    @property
    def errors(self) -> str:
        """What the process has written to its error output so far."""
        return self._error_log.read_text() if self._error_log.exists() else self._last_errors

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment so that only endpoints differ from production."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIASANDBOXSANDBOX00",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "GRAPH_ENDPOINT": f"{self.url}/graph",
            "ENTRA_LOGIN_ENDPOINT": f"{self.url}/login",
            "SANDBOX_URL": self.url,
            "SANDBOX_SMTP_PORT": str(self.smtp_port),
        }

    def start(self) -> Self:
        command = [sys.executable, "-m", "integrations.sandbox"]
        command += ["--port", str(self.port), "--smtp-port", str(self.smtp_port)]
        command += ["--state", str(self._state)] if self._state else []
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with self._error_log.open("a") as errors:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=errors
            )
        self._await_ready(self._process)
        return self

    def stop(self) -> None:
        """End the process and let it save its state."""
        if self._process is not None:
            self._process.terminate()
            self._bury()

    def kill(self) -> None:
        """End the process at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._bury()

    def _bury(self) -> None:
        assert self._process is not None
        self._process.communicate(timeout=STOP_SECONDS)
        self._process = None
        self._last_errors = self._error_log.read_text()
        self._error_log.unlink()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def seed(self, **sections: Any) -> None:
        self._call("POST", "/sandbox/seed", sections)

    def knobs(self, **changes: float | bool) -> dict[str, Any]:
        """Turn knobs (none: only read them) and return all of them."""
        knobs: dict[str, Any] = self._call("PATCH", "/sandbox/knobs", changes)
        return knobs

    def calls(self) -> dict[str, dict[str, int]]:
        calls: dict[str, dict[str, int]] = self._call("GET", "/sandbox/calls.json")
        return calls

    def mailbox(self, *, to: str = "") -> list[dict[str, Any]]:
        """Mails, newest first."""
        response = self._http.get(f"{self.url}/mailbox.json", params={"to": to}, timeout=30)
        response.raise_for_status()
        mails: list[dict[str, Any]] = response.json()
        return mails

    def hooks(self, name: str) -> list[dict[str, Any]]:
        """What arrived at a receiver of webhooks, newest first."""
        received = self._call("GET", "/hooks.json").get(name, {"arrivals": []})
        arrivals: list[dict[str, Any]] = received["arrivals"]
        return arrivals

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._call("GET", "/sandbox/state.json")
        return state

    def sync(self) -> None:
        self._call("POST", "/sandbox/sync", {})

    def reset(self) -> None:
        self._call("POST", "/sandbox/reset", {})

    def race(self, control: str, **body: Any) -> Any:
        """What racers do, and the racing clock: `tests.support.racing` has a function for each."""
        return self._call("POST", f"/sandbox/racing/{control}", body)

    def table(self, control: str, **body: Any) -> Any:
        """What a portal writes into its table, and what becomes of the table's stream."""
        return self._call("POST", f"/sandbox/tables/{control}", body)

    def racing(self, account_id: str) -> dict[str, Any]:
        """One racing account as it is: raw counters, jobs, models, races."""
        report: dict[str, Any] = self._call("GET", f"/sandbox/racing.json?account_id={account_id}")
        return report

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        response = self._http.request(method, f"{self.url}{path}", json=body, timeout=30)
        if not response.ok:
            raise AssertionError(f"{method} {path}: {response.status_code} {response.text}")
        return response.json()

    def _await_ready(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            readable, _, _ = select.select([process.stdout], [], [], 0.2)
            if readable and process.stdout.readline().startswith("sandbox ready"):
                return
            if process.poll() is not None:
                break
        self.kill()
        raise AssertionError(f"The sandbox did not start:\n{self.errors}")
