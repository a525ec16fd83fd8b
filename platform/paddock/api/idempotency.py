"""The same call again gets the same answer and does nothing more.

The answer is stored in the transaction of what it tells. So there is none without its deed, nor a deed without its
answer: a crash in between takes both back, and whoever calls again begins anew. That a call is in progress is a lock
of that transaction, which ends with it, and so can never be left behind by a process that died.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast

from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseBase
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


def idempotent(handler: Callable[..., Response]) -> Callable[..., Any]:
    """For the method of a view that answers an unsafe call. Runs it in one transaction with what it answered."""

    @wraps(handler)
    def answer(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        name, key = request.headers.get(HEADER), cast(ApiKey | None, request.auth)
        if name is None or key is None:
            return handler(view, request, *args, **kwargs)
        _check_name(name)
        with transaction.atomic():
            _take_turn(key, name)
            fingerprint = _take_fingerprint(request)
            if stored := _find_stored(key, name):
                return _replay(stored, fingerprint)
            response = _answer(view, request, lambda: handler(view, request, *args, **kwargs))
            if response.status_code not in NOT_KEPT:
                _store(key, name, fingerprint, response)
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


def _replay(stored: StoredAnswer, fingerprint: str) -> HttpResponse:
    """The first answer, letter by letter."""
    if stored.fingerprint != fingerprint:
        sentence = "Method, address or body differ from the first call. Use a new Idempotency-Key for a new call."
        raise Problem(sentence, status_code=422, code="idempotency_key_reused")
    return HttpResponse(stored.body, status=stored.status, headers=stored.headers | {REPLAYED: "true"})


def _answer(view: APIView, request: Request, handle: Callable[[], Response]) -> Response:
    """A refusal takes back what the call had begun, and is an answer like any other. What breaks stays an exception."""
    try:
        with transaction.atomic():
            return handle()
    except Exception as error:  # noqa: BLE001 (the view raises again what it does not know)
        return view.handle_exception(error)


def _store(key: ApiKey, name: str, fingerprint: str, response: Response) -> None:
    headers = {header: response[header] for header in KEPT_HEADERS if header in response}
    headers["Content-Type"] = response.content_type or JSONRenderer.media_type
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
