"""The environment of everything that the launcher starts. What the person has set themselves always wins."""

import os

from paddock.launch.choices import Ports
from paddock.launch.ports import LOOPBACK
from paddock.launch.processes import build_paths
from paddock.launch.state import State


def build_environment(state: State, ports: Ports, servers: dict[str, str]) -> dict[str, str]:
    """Return the variables for all children; `servers` are the addresses of the embedded servers."""
    sandbox = ports.sandbox_url
    defaults = {
        "DJANGO_SETTINGS_MODULE": "paddock.settings.local",
        "SITE_URL": f"http://localhost:{ports.web_port}",
        **state.read_secrets(),
        "SANDBOX_URL": sandbox,
        "GRAPH_ENDPOINT": f"{sandbox}/graph",
        "ENTRA_LOGIN_ENDPOINT": f"{sandbox}/login",
        "AWS_ENDPOINT_URL": sandbox,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        # The account that these keys belong to, as far as the sandbox is concerned.
        "PADDOCK_AWS_PRINCIPAL": "123456789012",
        # Whoever looks at a demonstration sees it move.
        "USAGE_SYNC_SECONDS": "60",
    }
    given = {name: value for name, value in os.environ.items() if value}
    # Both addresses of the database belong together.
    if "DATABASE_URL" in servers:
        given.pop("DATABASE_OWNER_URL", None)
    spared = _spare_loopback()
    ours = {"PYTHONPATH": build_paths(), "PYTHONUNBUFFERED": "1", "NO_PROXY": spared, "no_proxy": spared}
    return defaults | servers | given | ours


def _spare_loopback() -> str:
    """Return NO_PROXY with the loopback added: a proxy of the person's network cannot reach the sandbox."""
    given = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    return ",".join([*filter(None, given.split(",")), "localhost", LOOPBACK])
