"""Every refusal that Graph documents, as an outcome."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.directories.entra.client import GraphAnswer, _from_batch_item
from integrations.directories.entra.members import _read_addition, _read_removal
from integrations.errors import IntegrationError
from integrations.retry_after import parse_retry_after

GROUP, USER = "group-id", "user-id"


def answer(status: int, code: str = "", message: str = "", retry_after: float | None = None) -> GraphAnswer:
    body: dict[str, Any] = {"error": {"code": code, "message": message}} if code else {}
    return GraphAnswer(status, body, retry_after)


ABSENT = "Resource '{}' does not exist or one of its queried reference-property objects are not present."
EXISTS = "One or more added object references already exist for the following modified properties: 'members'."
GONE = "One or more removed object references do not exist for the following modified properties: 'members'."
FRESH = "The source resource object or one of the objects being referenced do not exist."
QUOTA = "Unable to perform operation as '121' would exceed the maximum quota count '100' for forward-link members."
NOT_FOUND, BAD = "Request_ResourceNotFound", "Request_BadRequest"

SUCCESS = None


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (answer(204), SUCCESS),
        (answer(400, BAD, EXISTS), SUCCESS),
        (answer(400, BAD, FRESH), (False, 5)),
        (answer(400, BAD, "Invalid object identifier 'x'."), (True, None)),
        (answer(404, NOT_FOUND, ABSENT.format(USER)), (True, None)),
        (answer(404, NOT_FOUND, ABSENT.format(GROUP)), (False, 10)),
        (answer(403, "Directory_QuotaExceeded", QUOTA), (True, None)),
        (answer(403, "Authorization_RequestDenied", "Insufficient privileges."), (True, None)),
        (answer(401, "InvalidAuthenticationToken", "Access token is empty."), (True, None)),
        (answer(424, "FailedDependency", ""), (False, 2)),
        (answer(429, "TooManyRequests", "", retry_after=7), (False, 7)),
        (answer(429), (False, 10)),
        (answer(500), (False, 10)),
        (answer(503, "ServiceUnavailable", "", retry_after=0), (False, 0)),
        (answer(504), (False, 10)),
        (answer(418), (True, None)),
    ],
)
def test_additions(reply: GraphAnswer, expected: tuple[bool, float | None] | None) -> None:
    assert summarize(_read_addition(GROUP, reply)) == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (answer(204), SUCCESS),
        (answer(404, NOT_FOUND, ABSENT.format(GROUP)), SUCCESS),
        (answer(400, BAD, GONE), SUCCESS),
        (answer(400, BAD, "Cannot update a group with dynamic membership."), (True, None)),
        (answer(403, "Authorization_RequestDenied", "Insufficient privileges."), (True, None)),
        (answer(429, "TooManyRequests", "", retry_after=150), (False, 150)),
        (answer(503), (False, 10)),
    ],
)
def test_removals(reply: GraphAnswer, expected: tuple[bool, float | None] | None) -> None:
    assert summarize(_read_removal(reply)) == expected


def summarize(outcome: IntegrationError | None) -> tuple[bool, float | None] | None:
    if outcome is None:
        return None
    assert outcome.message.endswith((".", "!"))
    assert outcome.message[0].isupper()
    return outcome.permanent, outcome.retry_after


@pytest.mark.parametrize(
    ("item", "status", "retry_after"),
    [
        ({"id": "0", "status": 204}, 204, None),
        ({"id": "0", "status": "429", "headers": {"Retry-After": "7"}, "body": None}, 429, 7),
        ({"id": "0", "status": 429, "headers": {"retry-after": 7}, "body": "text"}, 429, 7),
        ({"id": "0", "status": 200, "headers": None, "body": {"value": []}}, 200, None),
        ({"id": "0"}, 500, None),
    ],
)
def test_items_of_a_batch(item: dict[str, Any], status: int, retry_after: float | None) -> None:
    reply = _from_batch_item(item)
    assert (reply.status, reply.retry_after) == (status, retry_after)


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [("7", 7), (" 120 ", 120), ("0", 0), ("", None), (None, None), ("soon", None), ("-3", None)],
    )
    def test_reads_seconds(self, value: str | None, seconds: float | None) -> None:
        assert parse_retry_after(value) == seconds

    def test_reads_a_date(self) -> None:
        seconds = parse_retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True))
        assert seconds is not None
        assert 80 < seconds <= 90

    def test_a_past_date_is_now(self) -> None:
        assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0

    @given(st.text())
    def test_never_fails(self, value: str) -> None:
        seconds = parse_retry_after(value)
        assert seconds is None or seconds >= 0
