"""Refusals of the REST API: of the handlers behind it, of the gateway and of the firewall in front of them."""

from http import HTTPStatus
from typing import Any


class ApiError(Exception):
    """Status, the name in `x-amzn-errortype`, and the body."""

    def __init__(self, status: int, kind: str, body: dict[str, Any]) -> None:
        super().__init__(kind)
        self.status, self.kind, self.body = status, kind, body


def bad_request(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "BadRequestError", {"message": message})


def not_authorized() -> ApiError:
    return ApiError(HTTPStatus.FORBIDDEN, "NotAuthorizedError", {"message": "Not authorized."})


def not_found(message: str = "Item not found.") -> ApiError:
    return ApiError(HTTPStatus.NOT_FOUND, "NotFoundError", {"message": message})


def internal_failure(message: str) -> ApiError:
    return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalFailureError", {"message": message})


def unhandled() -> ApiError:
    """What a handler makes of an error that it did not foresee: a body that says nothing at all."""
    return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalFailureException", {})


def function_failed() -> ApiError:
    """What the gateway makes of a function that ends with an error."""
    body = {"message": "Internal server error"}
    return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalServerErrorException", body)


def invalid_member(path: str, pattern: str) -> ApiError:
    """A parameter of the path that the gateway lets pass and the handler's own check does not."""
    reason = f"failed to satisfy constraint: Member must satisfy regular expression pattern: {pattern}"
    fields = [{"path": path, "message": f"Value at '{path}' {reason}"}]
    body = {"message": f"1 validation error detected. Value at '{path}' {reason}", "fieldList": fields}
    return ApiError(HTTPStatus.BAD_REQUEST, "ValidationException", body)


def invalid_body(reason: str) -> ApiError:
    body = {"errorMessage": f"Invalid request body: [{reason}]"}
    return ApiError(HTTPStatus.BAD_REQUEST, "BadRequestException", body)


def refused_by_gateway(kind: str, message: str) -> ApiError:
    return ApiError(HTTPStatus.FORBIDDEN, kind, {"message": message})


def access_denied(caller: str, method: str, path: str) -> ApiError:
    """The gateway's own spelling has a capital letter here."""
    resource = f"arn:aws:execute-api:*:*:*/prod/{method}{path}"
    message = f"User: {caller} is not authorized to perform: execute-api:Invoke on resource: {resource}"
    return ApiError(HTTPStatus.FORBIDDEN, "AccessDeniedException", {"Message": message})


def blocked_by_firewall() -> ApiError:
    return ApiError(HTTPStatus.FORBIDDEN, "ForbiddenException", {"message": "Forbidden"})
