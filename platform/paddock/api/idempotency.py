"""The same call again gets the same answer and does nothing more.

The answer is stored in the transaction of what it tells. So there is none without its deed, nor a deed without its
answer: a crash in between takes both back, and whoever calls again begins anew. That a call is in progress is a lock
of that transaction, which ends with it, and so can never be left behind by a process that died.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import connection, transaction
from django.http import HttpResponseBase
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from paddock.api.models import ApiKey, StoredAnswer
from paddock.api.problems import Problem

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEPT = timedelta(hours=24)
KEPT_HEADERS = ("ETag", "Location")
# Nothing was done yet, and the same call may well succeed with another header.
NOT_KEPT = (412, 428)

View = TypeVar("View", bound=APIView)
Parameters = ParamSpec("Parameters")
Handler = Callable[Concatenate[View, Request, Parameters], Response]


def idempotent(handler: Handler[View, Parameters]) -> Callable[Concatenate[View, Request, Parameters], Any]:
    """For the method of a view that answers an unsafe call. Runs it in one transaction with what it answered."""

    @wraps(handler)
    def answer(view: View, request: Request, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
        name = request.headers.get(HEADER)
        if name is None or request.auth is None:
            return handler(view, request, *args, **kwargs)
        _check_name(name)
        with transaction.atomic():
            _take_turn(request.auth, name)
            fingerprint = _take_fingerprint(request)
            if stored := _find_stored(request.auth, name):
                return _replay(stored, fingerprint)
            response = _answer(view, request, lambda: handler(view, request, *args, **kwargs))
            if response.status_code not in NOT_KEPT:
                _store(request.auth, name, fingerprint, response)
            return response

    answer.is_idempotent = True  # type: ignore[attr-defined]
    return answer


def _check_name(name: str) -> None:
    if not (1 <= len(name) <= 255 and all("!" <= letter <= "~" for letter in name)):
        sentence = "An Idempotency-Key is 1 to 255 visible ASCII characters without spaces, such as a UUID."
        raise Problem(sentence, status_code=400, errors={HEADER: [sentence]})


def _take_turn(key: ApiKey, name: str) -> None:
    digest = hashlib.sha256(f"{key.pk}:{name}".encode()).digest()
    number = int.from_bytes(digest[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [number])
        (is_ours,) = cursor.fetchone() or (False,)
    if not is_ours:
        problem = Problem("Wait a moment, and ask for its answer again.", status_code=409, code="in_progress")
        problem.wait = 1  # type: ignore[attr-defined]
        raise problem


def _take_fingerprint(request: Request) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(request._request.body)  # noqa: SLF001 (as it came, before anything was read from it)
    return digest.hexdigest()


def _find_stored(key: ApiKey, name: str) -> StoredAnswer | None:
    stored = StoredAnswer.objects.filter(key=key, idempotency_key=name)
    stored.filter(created_at__lt=_oldest()).delete()
    return stored.first()


def _oldest() -> datetime:
    return timezone.now() - KEPT


def _replay(stored: StoredAnswer, fingerprint: str) -> Response:
    if stored.fingerprint != fingerprint:
        sentence = "Method, address or body differ from the first call. Use a new Idempotency-Key for a new call."
        raise Problem(sentence, status_code=422, code="idempotency_key_reused")
    return Replay(stored)


class Replay(Response):
    """The first answer, letter by letter."""

    def __init__(self, stored: StoredAnswer) -> None:
        content_type = stored.headers.get("Content-Type")
        headers = {name: value for name, value in stored.headers.items() if name != "Content-Type"}
        super().__init__(status=stored.status, headers={**headers, REPLAYED: "true"}, content_type=content_type)
        self._body = stored.body

    @property
    def rendered_content(self) -> bytes:
        self["Content-Type"] = self.content_type or JSONRenderer.media_type
        return self._body.encode()


def _answer(view: APIView, request: Request, handle: Callable[[], Response]) -> Response:
    """A refusal takes back what the call had begun, and is an answer like any other. What breaks stays an exception."""
    try:
        with transaction.atomic():
            return handle()
    except Exception as error:  # noqa: BLE001 (the view raises again what it does not know)
        return view.handle_exception(error)


def _store(key: ApiKey, name: str, fingerprint: str, response: Response) -> None:
    headers = {header: response[header] for header in KEPT_HEADERS if header in response}
    if response.content_type:
        headers["Content-Type"] = response.content_type
    StoredAnswer.objects.create(
        key=key,
        idempotency_key=name,
        fingerprint=fingerprint,
        status=response.status_code,
        headers=headers,
        body="" if response.data is None else JSONRenderer().render(response.data).decode(),
    )


def forget_answers() -> int:
    """Delete those that have been kept long enough."""
    deleted, _ = StoredAnswer.objects.filter(created_at__lt=_oldest()).delete()
    return deleted
