"""The way of a request to its operation: firewall, signature, role, shape of the body, and only then the handler."""

import io
import json
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIEnvironment

from botocore.credentials import Credentials
from werkzeug.wrappers import Response

from integrations.sandbox.aws.cognito_pools import CognitoError
from integrations.sandbox.aws.cognito_store import IdentitySession
from integrations.sandbox.aws.credentials import account_of
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.calls import Body, Call
from integrations.sandbox.droa.deployments import Deployment
from integrations.sandbox.droa.errors import (
    ApiError,
    access_denied,
    blocked_by_firewall,
    function_failed,
    invalid_body,
    invalid_member,
    unhandled,
)
from integrations.sandbox.droa.operations import Operation, find_operation
from integrations.sandbox.droa.schemas import RESOURCE_ID, check_body
from integrations.sandbox.droa.signatures import (
    Signature,
    check_signature,
    expired_token,
    invalid_token,
    missing_token,
    read_signature,
)
from integrations.sandbox.gate import ARRIVED_AT
from integrations.sandbox.racing.progress import bring_forward

LARGEST_BODY_BYTES = 8192
ADMIN_REQUESTS = 100
ADMIN_SECONDS = 300

_API_PATH = re.compile(r"(/droa/[\w-]+)/api(/.*)")


def split_path(path: str) -> tuple[str, str] | None:
    """(site path, path within the API), or None when it is no path of an API."""
    match = _API_PATH.fullmatch(path)
    return (match[1], match[2]) if match else None


class Gateway:
    """WSGI application of the REST APIs of all deployments; called under the cloud's lock."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        return self._answer(environ)(environ, start_response)

    def _answer(self, environ: WSGIEnvironment) -> Response:
        try:
            return _response(HTTPStatus.OK, self._call(environ))
        except ApiError as error:
            return _response(error.status, error.body, kind=error.kind)

    def _call(self, environ: WSGIEnvironment) -> Body:
        site_path, path = split_path(str(environ["PATH_INFO"])) or ("", "")
        deployment = self._cloud.droa.by_path.get(site_path)
        if deployment is None:
            raise missing_token()
        content = _content(environ)
        self._pass_firewall(environ, path, content)
        signature = read_signature(environ)
        found = find_operation(environ["REQUEST_METHOD"], path)
        if found is None:
            raise missing_token()
        operation, parameters = found
        session = self._authenticate(environ, content, signature)
        self._authorize(deployment, operation, path, signature, session)
        return self._handle(deployment, operation, parameters, session, _query(environ), content)

    def _pass_firewall(self, environ: WSGIEnvironment, path: str, content: bytes) -> None:
        """The limit per address counts a request before anything else is known of it."""
        if len(content) > LARGEST_BODY_BYTES:
            raise blocked_by_firewall()
        if path.startswith("/admin/") and self._cloud.knobs.throttles:
            address, now = str(environ.get("REMOTE_ADDR", "")), environ[ARRIVED_AT]
            window = self._cloud.windows.window("droa", address, amount=ADMIN_REQUESTS, seconds=ADMIN_SECONDS)
            if window.seconds_until_free(1, now):
                raise blocked_by_firewall()
            window.take(1, now)

    def _authenticate(self, environ: WSGIEnvironment, content: bytes, signature: Signature) -> IdentitySession | None:
        """Who comes by way of the identity pool; None for principals of IAM alone, whose secrets nobody here knows."""
        session = self._cloud.cognito.sessions.get(signature.access_key)
        if session is None:
            if signature.access_key in self._cloud.aws.assumed_roles or not signature.access_key.startswith("ASIA"):
                return None
            raise invalid_token()
        keys = Credentials(signature.access_key, session.secret_key, session.session_token)
        check_signature(environ, content, signature, keys)
        if session.expires_at <= self._cloud.now():
            raise expired_token()
        return session

    def _authorize(
        self,
        deployment: Deployment,
        operation: Operation,
        path: str,
        signature: Signature,
        session: IdentitySession | None,
    ) -> None:
        if session is None:
            if account_of(signature.access_key) != deployment.account.account_id:
                caller = self._cloud.aws.assumed_roles.get(signature.access_key, signature.access_key)
                raise access_denied(caller, operation.method, path)
            raise function_failed()  # "Missing authentication provider" is in its log, and only there
        if session.user_pool_id != deployment.user_pool_id or session.group not in operation.groups:
            role = session.role_arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
            raise access_denied(f"{role}/CognitoIdentityCredentials", operation.method, path)

    def _handle(
        self,
        deployment: Deployment,
        operation: Operation,
        parameters: dict[str, str],
        session: IdentitySession | None,
        query: dict[str, str],
        content: bytes,
    ) -> Body:
        assert session is not None
        body = _checked_body(operation, content)
        pool = self._cloud.cognito.user_pools[deployment.user_pool_id]
        user = pool.find(session.sub)
        if user is None:  # deleted since, while the keys live on
            raise function_failed()
        for name, value in parameters.items():
            if name != "key" and not re.fullmatch(RESOURCE_ID, value):
                raise invalid_member(f"/{name}", RESOURCE_ID)
        moment = bring_forward(self._cloud)
        try:
            return operation.handle(Call(self._cloud, deployment, pool, user, moment, parameters, query, body))
        except CognitoError as error:
            raise unhandled() from error


def _content(environ: WSGIEnvironment) -> bytes:
    """The gate has read it, so looking does not consume the connection."""
    stream = environ["wsgi.input"]
    assert isinstance(stream, io.BytesIO)
    return stream.getvalue()


def _query(environ: WSGIEnvironment) -> dict[str, str]:
    return dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))


def _checked_body(operation: Operation, content: bytes) -> Body:
    if operation.body is None:
        return {}
    try:
        body = json.loads(content or b"null")
    except ValueError as error:
        raise invalid_body("no JSON") from error
    check_body(operation.body, body)
    return dict(body)


def _response(status: int, body: Body, *, kind: str = "") -> Response:
    headers = {"x-amzn-errortype": kind} if kind else {}
    return Response(json.dumps(body), status=status, content_type="application/json", headers=headers)
