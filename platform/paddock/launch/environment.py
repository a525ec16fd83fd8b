"""The environment of everything that the launcher starts. What the person has set themselves always wins."""

import os
import sys
from dataclasses import dataclass

from paddock.launch.errors import LaunchError
from paddock.launch.ports import LOOPBACK, explain_refusal, find_free_port
from paddock.launch.processes import build_paths
from paddock.launch.state import State, read_json, write_json

DEFAULT_PORT = 8000


@dataclass(frozen=True)
class Ports:
    """Where this start listens."""

    web: int
    sandbox: int
    smtp: int

    @property
    def sandbox_url(self) -> str:
        return f"http://{LOOPBACK}:{self.sandbox}"


def choose_ports(state: State) -> Ports:
    """Return PORT (default 8000, or a free one) and free ones for the rest: those of the start before where possible.

    Raises:
        LaunchError: when PORT is no port or is taken.
    """
    path = state.folder / "ports.json"
    before = read_json(path) or {}
    ports = Ports(
        web=_choose_web_port(),
        sandbox=find_free_port(preferred=before.get("sandbox")),
        smtp=find_free_port(preferred=before.get("smtp")),
    )
    write_json(path, {"sandbox": ports.sandbox, "smtp": ports.smtp})
    return ports


def _choose_web_port() -> int:
    given = os.environ.get("PORT")
    if not given:
        return find_free_port(preferred=DEFAULT_PORT)
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise LaunchError(f"PORT={given} is not a port. Give a number from 1 to 65535, such as PORT=8001.")
    refusal = explain_refusal(int(given))
    if refusal:
        raise LaunchError(f"Port {given} cannot be used: {refusal}. Choose another one, such as PORT=8001 make run.")
    return int(given)


def build_environment(state: State, ports: Ports, servers: dict[str, str]) -> dict[str, str]:
    """Return the variables for all children; `servers` are the addresses of the embedded servers."""
    sandbox = ports.sandbox_url
    defaults = {
        "DJANGO_SETTINGS_MODULE": "paddock.settings.local",
        "SITE_URL": f"http://localhost:{ports.web}",
        **state.read_secrets(),
        "SANDBOX_URL": sandbox,
        "GRAPH_ENDPOINT": f"{sandbox}/graph",
        "ENTRA_LOGIN_ENDPOINT": f"{sandbox}/login",
        "AWS_ENDPOINT_URL": sandbox,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    given = {name: value for name, value in os.environ.items() if value}
    # Both addresses of the database belong together.
    if "DATABASE_URL" in servers:
        given.pop("DATABASE_OWNER_URL", None)
    return (
        defaults
        | servers
        | given
        | {"PYTHONPATH": build_paths(), "PYTHONUNBUFFERED": "1", "NO_PROXY": _spare_loopback()}
    )


def _spare_loopback() -> str:
    """Return NO_PROXY with the loopback added: a proxy of the person's network cannot reach the sandbox."""
    given = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    return ",".join([*filter(None, given.split(",")), "localhost", LOOPBACK])


def build_commands(state: State, ports: Ports) -> dict[str, list[str]]:
    """Return the command line of every process, by its name."""
    python = sys.executable
    manage = [python, "manage.py"]
    celery = [python, "-m", "celery", "-A", "paddock"]
    access_log = str(state.logs / "access.log")
    return {
        "sandbox": [
            *(python, "-m", "integrations.sandbox", "--port", str(ports.sandbox), "--smtp-port", str(ports.smtp)),
            *("--state", str(state.folder / "sandbox.state")),
        ],
        "migration": [*manage, "migrate"],
        "demonstration": [
            *(*manage, "load_demonstration", "--sandbox-url", ports.sandbox_url, "--smtp-port", str(ports.smtp)),
            *("--output", str(state.demonstration)),
        ],
        "web server": [
            *(python, "-m", "gunicorn", "--bind", f"{LOOPBACK}:{ports.web}", "--worker-class", "gthread"),
            *("--workers", "2", "--threads", "8", "--graceful-timeout", "3", "--no-control-socket"),
            *("--pythonpath", ".,platform", "--access-logfile", access_log, "paddock.wsgi"),
        ],
        "worker": [
            *(*celery, "worker", "--pool", "threads", "--concurrency", "8"),
            *("--without-gossip", "--without-mingle"),
        ],
        "beat": [*celery, "beat", "--schedule", str(state.folder / "beat.schedule"), "--pidfile="],
    }
