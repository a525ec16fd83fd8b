"""A client whose line breaks at random, and who calls again until it has its answer."""

import http.client
import json
import random
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from events.models import Event
from paddock.api.models import StoredAnswer
from paddock.tenancy.scope import organization_scope
from participants.models import Participant, Registration
from tests.support.keys import make_key

PEOPLE, CLIENTS = 1000, 4
BREAKS = 0.1  # before the server has heard anything, in the middle of its answer, and before its first letter
MOST_TRIES, PAUSE = 200, 0.1


class BreakingLine:
    """A proxy that takes one request a connection, and cuts it off at random."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._chance = random.Random(1)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address: tuple[str, int] = self._listener.getsockname()
        self.cuts = 0

    def run(self) -> None:
        with suppress(OSError):  # the listener is closed at the end
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def close(self) -> None:
        # Closing alone would leave the thread that accepts waiting.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _carry(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            request = _read_request(client)
            if self._cuts_now():
                return
            with socket.create_connection(self._target, timeout=60) as server:
                server.sendall(request)
                if self._cuts_now():  # while the server is at work, and nobody will read what it says
                    return
                answer = b"".join(iter(lambda: server.recv(65536), b""))
            client.sendall(answer[: len(answer) // 2] if self._cuts_now() else answer)

    def _cuts_now(self) -> bool:
        cuts = self._chance.random() < BREAKS
        self.cuts += cuts
        return cuts


def _read_request(client: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive(client)
    head, _, body = data.partition(b"\r\n\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(headers[b"content-length"]):
        body += _receive(client)
    return head + b"\r\n\r\n" + body


def _receive(client: socket.socket) -> bytes:
    if data := client.recv(65536):
        return data
    raise ConnectionError("The client went away.")


@contextmanager
def breaking(url: str) -> Iterator[BreakingLine]:
    parts = urlsplit(url)
    line = BreakingLine((str(parts.hostname), int(parts.port or 0)))
    thread = threading.Thread(target=line.run, daemon=True)
    thread.start()
    yield line
    line.close()
    thread.join(timeout=10)


def register_until_answered(line: BreakingLine, path: str, token: str, number: int) -> int:
    """How many tries it took."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"person-{number}",
        "Connection": "close",
    }
    body = json.dumps({"email": f"racer{number}@contoso.example", "given_name": "Racer", "family_name": str(number)})
    done = threading.Event()  # never set: it lets time pass
    for tries in range(1, MOST_TRIES):
        with (
            suppress(OSError, http.client.HTTPException, ValueError),
            closing(http.client.HTTPConnection(*line.address, timeout=60)) as connection,
        ):
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            content = json.loads(answer.read())
            assert answer.status in (201, 409), content
            if answer.status == 201:
                return tries
            assert content["code"] == "in_progress"  # what was cut off is at work still
            assert not done.wait(PAUSE)
    raise AssertionError(f"no answer for person {number}")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_thousand_people_over_a_line_that_breaks(event: Event, live_server: LiveServer) -> None:
    token = make_key(event.organization)
    path = f"/api/v1/organizations/{event.organization.slug}/events/{event.slug}/registrations/"
    with breaking(live_server.url) as line, ThreadPoolExecutor(CLIENTS) as pool:
        tries = list(pool.map(lambda number: register_until_answered(line, path, token, number), range(PEOPLE)))
    assert line.cuts > PEOPLE * BREAKS  # the line did break
    assert max(tries) > 1
    with organization_scope(event.organization_id):
        assert Registration.objects.count() == Participant.objects.count() == PEOPLE
        assert StoredAnswer.objects.count() == PEOPLE
