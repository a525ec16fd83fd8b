"""The HTTP side of werkzeug's server, with connections that stay open."""

import sys
import traceback
from http import HTTPStatus
from typing import Any

from werkzeug.serving import WSGIRequestHandler

_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class KeepAliveHandler(WSGIRequestHandler):
    """werkzeug's own handler closes every connection, because it cannot know whether a body was read to its end.

    The gate has always read it, and always answers with complete bodies, so keeping the connection is safe here.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        self.environ = environ = self.make_environ()
        status, headers = "", list[tuple[str, str]]()

        def start_response(given: str, given_headers: list[tuple[str, str]], exc_info: object = None) -> Any:
            nonlocal status, headers
            status, headers = given, given_headers

        try:
            body = b"".join(self.server.app(environ, start_response))
        except ConnectionError:
            self.close_connection = True
            return
        except Exception:  # noqa: BLE001 - whatever went wrong, the caller gets an answer and the log the reason
            sys.stderr.write(f"sandbox: {self.requestline}\n{traceback.format_exc()}")
            status, headers, body = "500 Internal Server Error", [], b"The sandbox has failed.\n"
        self._send(status, headers, body)

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        if int(code) not in _BODILESS:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and int(code) not in _BODILESS:
            self.wfile.write(body)
        self.wfile.flush()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """No line per request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is werkzeug's
        sys.stderr.write(f"sandbox: {message % args}\n")
