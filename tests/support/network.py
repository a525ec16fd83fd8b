"""No test reaches anything but this machine."""

import socket
from functools import wraps
from typing import Any

LOOPBACK = ("127.", "localhost", "::1")
_connect = socket.socket.connect


def forbid_network() -> None:
    socket.socket.connect = _connect_to_loopback  # type: ignore[method-assign]


@wraps(_connect)
def _connect_to_loopback(self: socket.socket, address: Any) -> None:
    if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
        raise ConnectionError(f"Tests must not reach {address[0]}.")
    _connect(self, address)
