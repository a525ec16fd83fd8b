"""Which ports a start uses."""

import os
import socket
from dataclasses import dataclass

from paddock.launch.errors import LaunchError
from paddock.launch.ports import LOOPBACK, explain_refusal, find_free_port, listen
from paddock.launch.state import State, read_json, write_json

DEFAULT_PORT = 8000


@dataclass(frozen=True)
class Ports:
    """Where this start listens."""

    web: socket.socket
    sandbox: int
    smtp: int
    oidc: int

    @property
    def web_port(self) -> int:
        port: int = self.web.getsockname()[1]
        return port

    @property
    def sandbox_url(self) -> str:
        return f"http://{LOOPBACK}:{self.sandbox}"

    @property
    def oidc_url(self) -> str:
        """The issuer, as the provider calls itself by the name that it is asked by."""
        return f"http://localhost:{self.oidc}"


def choose_ports(state: State) -> Ports:
    """Take PORT (default 8000, or a free one) for the web server, and find free ports for the rest.

    Those of the start before are kept where possible, so that open pages stay right.

    Raises:
        LaunchError: when PORT is no port or is taken.
    """
    path = state.folder / "ports.json"
    before = read_json(path) or {}
    ports = Ports(
        web=_take_web_port(),
        sandbox=find_free_port(preferred=before.get("sandbox")),
        smtp=find_free_port(preferred=before.get("smtp")),
        oidc=find_free_port(preferred=before.get("oidc")),
    )
    write_json(path, {"sandbox": ports.sandbox, "smtp": ports.smtp, "oidc": ports.oidc})
    return ports


def _take_web_port() -> socket.socket:
    given = os.environ.get("PORT")
    if not given:
        return listen(find_free_port(preferred=DEFAULT_PORT))
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise LaunchError(f"PORT={given} is not a port. Give a number from 1 to 65535, such as PORT=8001.")
    refusal = explain_refusal(int(given))
    if refusal:
        raise LaunchError(f"Port {given} cannot be used: {refusal}. Choose another one, such as PORT=8001 make run.")
    return listen(int(given))
