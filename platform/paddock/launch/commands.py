"""The command lines of everything that the launcher starts."""

import sys

from paddock.launch.choices import Ports
from paddock.launch.state import State


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
        "sign-in provider": [python, "-m", "integrations.sandbox.sign_on.oidc", "--port", str(ports.oidc)],
        "migration": [*manage, "migrate"],
        "demonstration": [
            *(*manage, "load_demonstration", "--sandbox-url", ports.sandbox_url, "--smtp-port", str(ports.smtp)),
            *("--oidc-url", ports.oidc_url),
            *("--output", str(state.demonstration)),
        ],
        "web server": [
            *(python, "-m", "gunicorn", "--bind", f"fd://{ports.web.fileno()}", "--worker-class", "gthread"),
            *("--workers", "2", "--threads", "8", "--preload", "--graceful-timeout", "3", "--no-control-socket"),
            *("--pythonpath", ".,platform", "--access-logfile", access_log, "paddock.wsgi"),
        ],
        "worker": [
            *(*celery, "worker", "--pool", "threads", "--concurrency", "8"),
            *("--without-gossip", "--without-mingle"),
        ],
        "beat": [*celery, "beat", "--schedule", str(state.folder / "beat.schedule"), "--pidfile="],
    }
