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

PEOPLE, CALLERS = 1000, 4
BREAKS = 0.1  # before the server has heard anything, in the middle of its answer, and before its first letter
MOST_TRIES, PAUSE = 200, 0.1


class BreakingLine:
    """A proxy that carries call after call, and cuts a connection off at random."""

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
        with client, suppress(OSError), socket.create_connection(self._target, timeout=60) as server:
            while request := _read_message(client):
                if self._cuts_now():
                    return
                server.sendall(request)
                if self._cuts_now():  # while the server is at work, and nobody will read what it says
                    return
                answer = _read_message(server)
                if self._cuts_now():
                    client.sendall(answer[: len(answer) // 2])
                    return
                client.sendall(answer)

    def _cuts_now(self) -> bool:
        cuts = self._chance.random() < BREAKS
        self.cuts += cuts
        return cuts


def _read_message(sender: socket.socket) -> bytes:
    """A whole request or answer; nothing where the sender has no more to say."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0 or len(data) < end + 4 + _read_length(data[:end]):
        more = sender.recv(65536)
        if not more:
            return b""
        data += more
    return data


def _read_length(head: bytes) -> int:
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    return int(headers[b"content-length"])


@contextmanager
def breaking(url: str) -> Iterator[BreakingLine]:
    parts = urlsplit(url)
    line = BreakingLine((str(parts.hostname), int(parts.port or 0)))
    thread = threading.Thread(target=line.run, daemon=True)
    thread.start()
    yield line
    line.close()
    thread.join(timeout=60)


class Caller:
    """Keeps its connection as long as that lives, and calls again until it has an answer."""

    def __init__(self, line: BreakingLine, path: str, token: str) -> None:
        self._path = path
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(*line.address, timeout=60)
        self._pause = threading.Event()  # never set: it lets time pass

    def close(self) -> None:
        self._connection.close()

    def register(self, number: int) -> int:
        """How many tries it took."""
        person = {"email": f"racer{number}@contoso.example", "given_name": "Racer", "family_name": str(number)}
        for tries in range(1, MOST_TRIES):
            if self._has_answered(json.dumps(person), f"person-{number}"):
                return tries
        raise AssertionError(f"no answer for person {number}")

    def _has_answered(self, body: str, name: str) -> bool:
        try:
            self._connection.request("POST", self._path, body, self._headers | {"Idempotency-Key": name})
            answer = self._connection.getresponse()
            content = json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            self._connection.close()  # the next call opens it anew
            return False
        assert (answer.status, content.get("code")) in ((201, None), (409, "in_progress")), content
        if answer.status == 409:  # what was cut off is at work still
            assert not self._pause.wait(PAUSE)
        return answer.status == 201


def register_all(line: BreakingLine, path: str, token: str) -> list[int]:
    """Several callers at once, each with its share of the people."""

    def register_share(first: int) -> list[int]:
        with closing(Caller(line, path, token)) as caller:
            return [caller.register(number) for number in range(first, PEOPLE, CALLERS)]

    with ThreadPoolExecutor(CALLERS) as pool:
        return [tries for share in pool.map(register_share, range(CALLERS)) for tries in share]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_thousand_people_over_a_line_that_breaks(event: Event, live_server: LiveServer) -> None:
    token = make_key(event.organization)
    path = f"/api/v1/organizations/{event.organization.slug}/events/{event.slug}/registrations/"
    with breaking(live_server.url) as line:
        tries = register_all(line, path, token)
    assert line.cuts > PEOPLE * BREAKS  # the line did break
    assert len(tries) == PEOPLE
    assert max(tries) > 1
    with organization_scope(event.organization_id):
        assert Registration.objects.count() == Participant.objects.count() == PEOPLE
        assert StoredAnswer.objects.count() == PEOPLE
