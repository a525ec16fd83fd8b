"""A receiver of webhooks on loopback: a real server in a thread, which answers as a test tells it to."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Arrival:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.body)
        return message

    @property
    def type(self) -> str:
        return str(self.message["type"])

    @property
    def registration(self) -> str:
        return str(self.message["data"].get("registration", ""))

    def verify(self, secret: str) -> Any:
        """As a partner does it. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass(frozen=True)
class Reply:
    """`drip` is the pause before each byte of the body; `hold` keeps the answer back until it is set."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    hold: threading.Event | None = None
    drip: float = 0


Answering = Callable[[Arrival], Reply]


class Receiver:
    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.answer: Answering = lambda arrival: Reply()
        self.port = 0
        self._lock = threading.Lock()
        self.ended = threading.Event()

    def url(self, path: str = "/hook", *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def always(self, reply: Reply) -> None:
        self.answer = lambda arrival: reply

    def take(self, arrival: Arrival) -> Reply:
        with self._lock:
            self.arrivals.append(arrival)
            return self.answer(arrival)

    def of(self, registration: Any) -> list[Arrival]:
        return [each for each in self.arrivals if each.registration == str(registration)]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.receiver.take(Arrival(self.path, headers, body))
        if reply.hold:
            reply.hold.wait(30)
        with suppress(OSError):
            self._reply(reply)

    def _reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        for position in range(len(reply.body)) if reply.drip else ():
            if self.receiver.ended.wait(reply.drip):
                return
            self.wfile.write(reply.body[position : position + 1])
        if not reply.drip:
            self.wfile.write(reply.body)

    def log_message(self, *args: Any) -> None:
        """No line per request."""


@contextmanager
def receiving(*, certificate: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    if certificate:
        server.socket = certificate.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
