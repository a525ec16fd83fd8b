"""Errors of the API as problem details (RFC 9457), with the sentences about a field under the field's own name."""

from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException, Throttled
from rest_framework.response import Response
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"


class Problem(APIException):
    """A refusal with its own status, title and errors by field."""

    def __init__(self, title: str, *, status_code: int, errors: dict[str, Any] | None = None, code: str = "") -> None:
        super().__init__(title)
        self.status_code = status_code
        self.title = title
        self.errors = errors or {}
        self.code = code


def answer_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook for exceptions."""
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _describe(error, response)
    response.content_type = CONTENT_TYPE
    return response


def _describe(error: Exception, response: Response) -> dict[str, Any]:
    if isinstance(error, Problem):
        more = {"code": error.code, "errors": error.errors}
        return {"title": error.title, "status": response.status_code} | {
            key: value for key, value in more.items() if value
        }
    if isinstance(error, Throttled):
        return {"title": "Too many requests; try again later.", "status": status.HTTP_429_TOO_MANY_REQUESTS}
    if isinstance(response.data, dict) and "detail" in response.data:
        return {"title": str(response.data["detail"]), "status": response.status_code}
    return {"title": "The request has errors.", "status": response.status_code, "errors": response.data}
