"""TCP ports of the loopback address."""

import errno
import socket

LOOPBACK = "127.0.0.1"


def explain_refusal(port: int) -> str:
    """Return why no server can listen on `port` now, or an empty string when one can. Lingering counts as free.

    Both families are tried: a browser that goes to `localhost` may find another server on the IPv6 address first.
    """
    for family, address in ((socket.AF_INET, LOOPBACK), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((address, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return error.strerror or str(error)
    return ""


def listen(port: int) -> socket.socket:
    """Take a port now, for a web server that is started later and inherits it: nobody can come in between.

    Raises:
        OSError: when it is taken, or may not be used.
    """
    return socket.create_server((LOOPBACK, port), backlog=1024)


def find_free_port(*, preferred: int | None = None) -> int:
    """Return `preferred` if it is free, else a port that is free at this moment."""
    if preferred is not None and not explain_refusal(preferred):
        return preferred
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port
