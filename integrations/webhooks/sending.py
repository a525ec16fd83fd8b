"""Sending one webhook, and what came back."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from integrations.errors import IntegrationError
from integrations.retry_after import parse_retry_after
from integrations.webhooks.connection import Deadline, open_connection
from integrations.webhooks.targets import InvalidTarget, Reach, Target, parse_target

SECONDS = 10.0
# Of an answer nobody reads more than its beginning.
BYTES_READ = 4096


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    milliseconds: int
    retry_after: float | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def post(url: str, *, body: bytes, headers: Mapping[str, str], reach: Reach, seconds: float = SECONDS) -> Answer:
    """Raises IntegrationError where there was no answer; its code is "NoAnswer" where it may have arrived."""
    began_at = time.monotonic()
    with Deadline(seconds) as deadline:
        try:
            target = parse_target(url, reach)
            connection = open_connection(target, reach, deadline)
            try:
                status, text, retry_after = _exchange(connection, target, body, headers)
                deadline.check()
            finally:
                connection.close()
        except InvalidTarget as error:
            raise IntegrationError(str(error), code="NotPublic") from error
        except (HTTPError, HTTPException, OSError) as error:
            raise _word(error, seconds, is_over=deadline.is_over) from error
    return Answer(status, text, round((time.monotonic() - began_at) * 1000), retry_after)


def _exchange(
    connection: HTTPConnection, target: Target, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str, float | None]:
    """A redirect is an answer like any other: nobody goes where it leads."""
    connection.request(
        "POST", target.path, body=body, headers=dict(headers), preload_content=False, decode_content=False
    )
    response = connection.getresponse()
    text = response.read(BYTES_READ, decode_content=False).decode("utf-8", "replace").replace("\x00", "")
    return response.status, text, parse_retry_after(response.headers.get("Retry-After"))


def _word(error: Exception, seconds: float, *, is_over: bool) -> IntegrationError:
    if is_over or isinstance(error, TimeoutError) or "timed out" in str(error):
        return IntegrationError(f"There was no whole answer within {seconds:.0f} seconds.", code="NoAnswer")
    return IntegrationError(f"There was no answer: {error}", code="NoAnswer")
