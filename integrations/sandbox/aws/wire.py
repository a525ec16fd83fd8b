"""Refusals in the words of AWS's wire protocols, for what is refused before moto sees it."""

import json
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

from integrations.sandbox.failures import Failure

Environ = Mapping[str, Any]

_JSON_CODES = {
    Failure.THROTTLED: ("ThrottlingException", 400),
    Failure.ERROR: ("InternalServerException", 500),
    Failure.UNAVAILABLE: ("ServiceUnavailableException", 503),
}
_REST_CODES = {
    Failure.THROTTLED: ("TooManyRequestsException", 429),
    Failure.ERROR: ("InternalServerErrorException", 500),
    Failure.UNAVAILABLE: ("ServiceUnavailableException", 503),
}
_QUERY_CODES = {
    Failure.THROTTLED: ("Throttling", 400),
    Failure.ERROR: ("InternalFailure", 500),
    Failure.UNAVAILABLE: ("ServiceUnavailable", 503),
}
_COGNITO = "AWSCognitoIdentityProviderService"
_MESSAGES = {
    Failure.THROTTLED: "Rate exceeded",
    Failure.ERROR: "The request processing has failed because of an unknown error.",
    Failure.UNAVAILABLE: "The request has failed due to a temporary failure of the server.",
}


def refusal(environ: Environ, failure: Failure, *, retry_after: float) -> Response:
    """The failure as the called service's protocol has it: JSON with a target, query with XML, or REST with JSON."""
    message = _MESSAGES[failure]
    if environ.get("HTTP_X_AMZ_TARGET"):
        code, status = _JSON_CODES[failure]
        if failure is Failure.THROTTLED and environ["HTTP_X_AMZ_TARGET"].startswith(_COGNITO):
            code = "TooManyRequestsException"
        response = _json(code, message, status, {"RetryAfterSeconds": round(retry_after) or 1})
    elif str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        code, status = _QUERY_CODES[failure]
        response = _xml(code, message, status)
    else:
        code, status = _REST_CODES[failure]
        response = _json(code, message, status, {})
    if failure is Failure.THROTTLED:
        response.headers["Retry-After"] = str(round(retry_after) or 1)
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    return response


def _json(code: str, message: str, status: int, more: Mapping[str, object]) -> Response:
    body = json.dumps({"__type": code, "Message": message, **more})
    return Response(body, status=status, content_type="application/x-amz-json-1.1", headers={"x-amzn-ErrorType": code})


def _xml(code: str, message: str, status: int) -> Response:
    kind = "Sender" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
    body = (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return Response(body, status=status, content_type="text/xml")
