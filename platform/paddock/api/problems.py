"""Errors of the API as problem details (RFC 9457), with the sentences about a field under the field's own name."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import status
from rest_framework.exceptions import APIException, NotAuthenticated, Throttled
from rest_framework.response import Response
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"
# Every problem has a page of its own there.
TYPES = "/api/v1/docs/#problem-"

# What each kind of problem is called. The documentation lists them; `code` and the end of `type` never change.
PROBLEMS = {
    "invalid": "The request has errors.",
    "unauthorized": "The key is missing, unknown, expired or revoked.",
    "forbidden": "This is not allowed.",
    "scope_missing": "The key may not do this.",
    "not_found": "There is no such thing here.",
    "method_not_allowed": "This address does not take this method.",
    "not_acceptable": "Answers here are JSON.",
    "conflict": "This cannot be done as things stand.",
    "in_progress": "The same call is still in progress.",
    "precondition_failed": "It has been changed since you read it.",
    "too_large": "The request is too large.",
    "unsupported_media_type": "Requests here are JSON.",
    "idempotency_key_reused": "This Idempotency-Key was used for another call.",
    "too_many_requests": "Too many requests; try again later.",
    "broken": "Paddock ran into an error of its own.",
}
CODES = {
    400: "invalid",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    412: "precondition_failed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "idempotency_key_reused",
    429: "too_many_requests",
    500: "broken",
}


class Problem(APIException):
    """A refusal with a sentence of its own, which may name errors by field and `more` members."""

    def __init__(
        self,
        sentence: str,
        *,
        status_code: int,
        errors: dict[str, Any] | None = None,
        code: str = "",
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status_code = status_code
        self.sentence = sentence
        self.errors = errors or {}
        self.code = code
        self.more = more or {}


def answer_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook for exceptions."""
    if isinstance(error, RequestDataTooBig):
        error = Problem("Send less at once, such as fewer items in a list.", status_code=413)
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _describe(error, response)
    response.content_type = CONTENT_TYPE
    return response


def _describe(error: Exception, response: Response) -> dict[str, Any]:
    code = response.status_code
    if isinstance(error, Problem):
        return describe(code, code=error.code, detail=error.sentence, errors=error.errors) | error.more
    if isinstance(error, Throttled | NotAuthenticated) or code == status.HTTP_401_UNAUTHORIZED:
        return describe(code)
    if isinstance(response.data, dict) and set(response.data) == {"detail"}:
        return describe(code, detail=str(response.data["detail"]))
    errors = response.data if isinstance(response.data, dict) else {"non_field_errors": response.data}
    return describe(code, errors=errors)


def describe(status_code: int, *, code: str = "", detail: str = "", errors: Any = None) -> dict[str, Any]:
    code = code or CODES.get(status_code, "invalid")
    known = {"type": f"{TYPES}{code}", "title": PROBLEMS[code], "status": status_code, "code": code}
    return known | {name: value for name, value in {"detail": detail, "errors": errors}.items() if value}


def answer_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own handlers, for what never comes to a view. Pages stay pages."""
    return _answer(request, 400) or defaults.bad_request(request, exception)


def answer_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404) or defaults.page_not_found(request, exception)


def answer_broken(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500) or defaults.server_error(request)


def _answer(request: HttpRequest, status_code: int) -> HttpResponse | None:
    if not request.path_info.startswith("/api/"):
        return None
    return JsonResponse(describe(status_code), status=status_code, content_type=CONTENT_TYPE)
