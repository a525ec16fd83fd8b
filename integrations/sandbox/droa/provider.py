"""The REST APIs of DeepRacer on AWS as the gate sees them: their names, latency and refusals."""

import json
from http import HTTPStatus
from wsgiref.types import WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Response

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.gateway import Gateway, split_path
from integrations.sandbox.droa.operations import find_operation
from integrations.sandbox.failures import Failure

_REFUSALS = {
    Failure.THROTTLED: (HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequestsException", "Too Many Requests"),
    Failure.ERROR: (HTTPStatus.INTERNAL_SERVER_ERROR, "InternalServerErrorException", "Internal server error"),
    Failure.UNAVAILABLE: (HTTPStatus.SERVICE_UNAVAILABLE, "ServiceUnavailableException", "Service Unavailable"),
}


class DeepRacerOnAwsProvider:
    """In front of the other AWS services, because its requests are signed in the same way."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._gateway = Gateway(cloud)

    @property
    def application(self) -> WSGIApplication:
        return self._gateway

    @property
    def latency_ms(self) -> float:
        return self._cloud.knobs.aws_latency_ms

    def accepts(self, environ: WSGIEnvironment) -> bool:
        return split_path(str(environ["PATH_INFO"])) is not None

    def name_call(self, environ: WSGIEnvironment) -> tuple[str, str]:
        method = environ["REQUEST_METHOD"]
        _, path = split_path(str(environ["PATH_INFO"])) or ("", "")
        found = find_operation(method, path)
        return "droa", found[0].name if found else f"{method} {path}"

    def changes(self, environ: WSGIEnvironment) -> bool:
        return bool(environ["REQUEST_METHOD"] != "GET")

    def refuse(self, environ: WSGIEnvironment, failure: Failure, retry_after: float) -> Response:
        """The gateway does not say when to come back."""
        status, kind, message = _REFUSALS[failure]
        headers = {"x-amzn-errortype": kind}
        body = json.dumps({"message": message})
        return Response(body, status=status, content_type="application/json", headers=headers)

    def throttle(self, environ: WSGIEnvironment) -> float:
        """What the firewall limits is refused by the firewall, without a word about throttling."""
        return 0.0
