"""Graph and sign-in as the gate sees them: their names, latency and refusals."""

from wsgiref.types import WSGIApplication, WSGIEnvironment

from flask import json
from werkzeug.wrappers import Response

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.failures import Failure
from integrations.sandbox.graph.router import operation_name
from integrations.sandbox.graph.wire import GraphError

GRAPH_PREFIX = "/graph/v1.0"
LOGIN_PREFIX = "/login"

_REFUSALS = {
    Failure.THROTTLED: (429, "TooManyRequests", "Too Many Requests"),
    Failure.ERROR: (500, "InternalServerError", "An internal server error occurred."),
    Failure.UNAVAILABLE: (503, "ServiceUnavailable", "The service is temporarily unavailable."),
}
_SAFE_METHODS = frozenset({"GET", "HEAD"})


class MicrosoftProvider:
    """Either of the two; what differs is the prefix and how calls are named."""

    def __init__(self, cloud: Cloud, *, application: WSGIApplication, service: str, prefix: str) -> None:
        self._cloud = cloud
        self._application = application
        self._service = service
        self._prefix = prefix + "/"

    @property
    def application(self) -> WSGIApplication:
        return self._application

    @property
    def latency_ms(self) -> float:
        return self._cloud.knobs.graph_latency_ms

    def accepts(self, environ: WSGIEnvironment) -> bool:
        return str(environ["PATH_INFO"]).startswith(self._prefix)

    def name_call(self, environ: WSGIEnvironment) -> tuple[str, str]:
        method, path = environ["REQUEST_METHOD"], str(environ["PATH_INFO"]).removeprefix(self._prefix)
        if self._service == "graph":
            return "graph", operation_name(method, f"/{path}")
        _, _, endpoint = path.partition("/")
        return self._service, f"{method} /{{tenant}}/{endpoint}"

    def changes(self, environ: WSGIEnvironment) -> bool:
        return self._service == "graph" and environ["REQUEST_METHOD"] not in _SAFE_METHODS

    def refuse(self, environ: WSGIEnvironment, failure: Failure, retry_after: float) -> Response:
        status, code, message = _REFUSALS[failure]
        headers = {"Retry-After": str(round(retry_after))} if failure is Failure.THROTTLED else {}
        answer = GraphError(status, code, message, headers).answer()
        body = answer.body if self._service == "graph" else _oauth_body(status, message)
        return Response(json.dumps(body), status=status, content_type="application/json", headers=headers)

    def throttle(self, environ: WSGIEnvironment) -> float:
        """Graph charges its limits itself, because the items of a batch are charged one by one."""
        return 0.0


def _oauth_body(status: int, message: str) -> dict[str, object]:
    error = "temporarily_unavailable" if status != 500 else "server_error"
    return {"error": error, "error_description": f"AADSTS90033: {message}", "error_codes": [90033]}
