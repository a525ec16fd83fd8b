"""The multi-user DeepRacer service as the gate sees it: JSON 1.1, in us-east-1 alone."""

import io
import json
import uuid
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Response

from integrations.sandbox.aws.credentials import account_of, credential_of
from integrations.sandbox.aws.deepracer import administration, jobs, leaderboards, models, results, tracks
from integrations.sandbox.aws.deepracer.errors import DeepRacerError, invalid
from integrations.sandbox.aws.deepracer.operation import Body, Caller, Operation
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.failures import Failure
from integrations.sandbox.racing.progress import bring_forward
from integrations.sandbox.racing.seeds import REGION, put_multi_user_account

SERVICE = "deepracer"
TARGET_PREFIX = "AwsSilverstoneCloudService."

_OPERATIONS: dict[str, Operation] = {
    name: operation
    for module in (administration, models, jobs, tracks, leaderboards, results)
    for name, operation in module.OPERATIONS.items()
}
_SILENT = {"AdminManageUser", "AdminSetAccountConfig"}  # their answer is empty, whatever they did
_READS = ("List", "Get", "AdminList", "AdminGet")
_REFUSALS = {
    Failure.THROTTLED: ("TooManyRequestsException", "Rate exceeded", 400),
    Failure.ERROR: ("ServiceException", "The service has failed.", 500),
    Failure.UNAVAILABLE: ("ServiceUnavailableException", "The service is not available.", 503),
}


class DeepRacerProvider:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    @property
    def application(self) -> WSGIApplication:
        return self._serve

    @property
    def latency_ms(self) -> float:
        return self._cloud.knobs.aws_latency_ms

    def accepts(self, environ: WSGIEnvironment) -> bool:
        return str(environ.get("HTTP_X_AMZ_TARGET", "")).startswith(TARGET_PREFIX)

    def name_call(self, environ: WSGIEnvironment) -> tuple[str, str]:
        return SERVICE, str(environ["HTTP_X_AMZ_TARGET"]).removeprefix(TARGET_PREFIX)

    def changes(self, environ: WSGIEnvironment) -> bool:
        return not self.name_call(environ)[1].startswith(_READS)

    def refuse(self, environ: WSGIEnvironment, failure: Failure, retry_after: float) -> Response:
        code, message, status = _REFUSALS[failure]
        return _answer({"__type": code, "message": message}, status)

    def throttle(self, environ: WSGIEnvironment) -> float:
        """The service's limits are not published."""
        return 0.0

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response = _answer(self._work(environ), 200)
        except DeepRacerError as error:
            response = _answer({"__type": error.code, "message": error.message}, 400)
        return response(environ, start_response)

    def _work(self, environ: WSGIEnvironment) -> Body:
        account_id = _authenticated(environ)
        operation = _OPERATIONS.get(self.name_call(environ)[1])
        if operation is None:
            raise DeepRacerError("UnknownOperationException", "The sandbox does not have this operation.")
        request = _read(environ)
        operation.request.check(request, "")
        moment = bring_forward(self._cloud)
        if self._cloud.knobs.racing_ignores_changes and self.name_call(environ)[1] in _SILENT:
            return {}
        caller = Caller(put_multi_user_account(self._cloud, account_id), moment, self._cloud.failures)
        return operation.answer(caller, request)


def _authenticated(environ: WSGIEnvironment) -> str:
    """The account of the signature's key."""
    access_key, region, service = credential_of(environ)
    if not access_key:
        raise DeepRacerError("MissingAuthenticationTokenException", "The request is not signed.")
    if (service, region) != (SERVICE, REGION):
        wanted = f"'{SERVICE}' in '{REGION}', not '{service}' in '{region}'"
        raise DeepRacerError("InvalidSignatureException", f"The credential must be scoped to {wanted}.")
    return account_of(access_key)


def _read(environ: WSGIEnvironment) -> Body:
    stream: io.BytesIO = environ["wsgi.input"]
    try:
        request = json.loads(stream.getvalue() or b"{}")
    except ValueError as error:
        raise DeepRacerError("SerializationException", "The request is not JSON.") from error
    if not isinstance(request, dict):
        raise invalid("The request must be an object.")
    return request


def _answer(body: Body, status: int) -> Response:
    headers = {"x-amzn-RequestId": str(uuid.uuid4())}
    return Response(json.dumps(body), status=status, content_type="application/x-amz-json-1.1", headers=headers)
