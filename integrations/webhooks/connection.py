"""A connection that goes to the very address that was judged: the name is resolved once, and not asked again."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Timer
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from integrations.errors import IntegrationError
from integrations.webhooks.targets import Reach, Target

# A name may lead to many addresses; a few that do not answer are reason enough.
ADDRESSES_TRIED = 3


class Deadline:
    """Ends whatever happens on a connection when the time is up, however slowly the other side drips."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._handle: socket.socket | None = None
        self._timer = Timer(seconds, self._strike)
        self._timer.daemon = True
        self.is_over = False

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._timer.cancel()
        if self._handle is not None:
            self._handle.close()

    @property
    def left(self) -> float:
        return max(self._ends_at - time.monotonic(), 0.001)

    def check(self) -> None:
        """To a reader, a connection that was cut looks like one that has come to its end."""
        if self.is_over:
            raise TimeoutError

    def watch(self, connected: socket.socket) -> None:
        """By a handle of its own: TLS takes the socket's away."""
        self._handle = connected.dup()

    def _strike(self) -> None:
        self.is_over = True
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


def connect(host: str, port: int, reach: Reach, deadline: Deadline) -> socket.socket:
    """Raises IntegrationError where the name leads anywhere that is not allowed, OSError where nobody answers."""
    addresses = _find_addresses(host, port, reach)
    for address in addresses[:ADDRESSES_TRIED]:
        try:
            connected = socket.create_connection((address, port), timeout=deadline.left)
        except OSError as error:
            last = error
            continue
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        deadline.watch(connected)
        return connected
    raise last


def _find_addresses(host: str, port: int, reach: Reach) -> list[str]:
    try:
        addresses = reach.resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise IntegrationError(f"The name {host} cannot be resolved.") from error
    for address in addresses:
        if not reach.allows(address):
            raise IntegrationError(
                f"{host} leads to {address}, which is no public address. Nothing was sent.", code="NotPublic"
            )
    if not addresses:
        raise IntegrationError(f"The name {host} leads to no address.")
    return addresses


Connect = Callable[[], socket.socket]


class _Plain(HTTPConnection):
    paddock_connect: Connect

    def _new_conn(self) -> socket.socket:
        return self.paddock_connect()


class _Secure(HTTPSConnection):
    paddock_connect: Connect

    def _new_conn(self) -> socket.socket:
        return self.paddock_connect()


def open_connection(target: Target, reach: Reach, deadline: Deadline) -> HTTPConnection:
    """Without a pool around it there are no redirects, no retries, and no proxies from the environment."""
    given: dict[str, Any] = {"timeout": deadline.left}
    connection: _Plain | _Secure
    if target.is_secure:
        connection = _Secure(target.host, target.port, ssl_context=reach.trust, **given)
    else:
        connection = _Plain(target.host, target.port, **given)
    connection.paddock_connect = lambda: connect(target.host, target.port, reach, deadline)
    return connection
