"""The way of signed requests to moto, under the names, limits and refusals of the called service."""

import io
import re
from functools import lru_cache
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from integrations.sandbox.aws import (
    cognito,
    dynamodb,
    identity_pools,
    identity_store,
    pinpoint,
    sagemaker,
    ses,
    sso_admin,
    streams,
    sts,
    wire,
)
from integrations.sandbox.aws.cognito_limits import category_of
from integrations.sandbox.aws.credentials import account_of, credential_of
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.failures import Failure
from integrations.sandbox.gate import ARRIVED_AT

REQUESTS_PER_SECOND = 20

_ACTION = re.compile(r"(?:^|&)Action=(\w+)")
_SERVICES = {"sso": "sso-admin", "mobiletargeting": "pinpoint", "ses": "sesv2"}
_MODULES = (identity_store, sso_admin, pinpoint, ses, sts, cognito, identity_pools, sagemaker, dynamodb, streams)
_LIMITED = frozenset({"identitystore", "sso-admin"})
# Signing in is not signed: there are no keys before it.
_UNSIGNED = {"AWSCognitoIdentityProviderService": "cognito-idp", "AWSCognitoIdentityService": "cognito-identity"}
_READS = re.compile(r"^(Admin)?(List|Get|Describe|Is)[A-Z]|^(Query|Scan)$")


class _Dispatcher(DomainDispatcherApplication):
    """moto looks through its own folders on the disk for each request, twice."""

    @lru_cache  # noqa: B019 -- there is one dispatcher, for as long as the process lives
    def get_backend_for_host(self, host: str | None) -> Any:
        return super().get_backend_for_host(host)


class AwsProvider:
    """moto's server with the sandbox's extensions, for whatever is signed with AWS Signature Version 4."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        for service in _MODULES:
            service.install(cloud)
        self._moto: Any = _Dispatcher(create_backend_app)

    @property
    def application(self) -> WSGIApplication:
        return self._serve

    @property
    def latency_ms(self) -> float:
        return self._cloud.knobs.aws_latency_ms

    def accepts(self, environ: WSGIEnvironment) -> bool:
        signed = str(environ.get("HTTP_AUTHORIZATION", "")).startswith("AWS4-HMAC-SHA256")
        return signed or bool(_unsigned_service(environ)) or str(environ["PATH_INFO"]).startswith("/moto-api/")

    def name_call(self, environ: WSGIEnvironment) -> tuple[str, str]:
        """(service, operation), as boto3 calls them."""
        _, _, signing_name = credential_of(environ)
        service = _unsigned_service(environ) or _SERVICES.get(signing_name, signing_name)
        return service, _operation(environ, service)

    def changes(self, environ: WSGIEnvironment) -> bool:
        return not _READS.match(self.name_call(environ)[1])

    def refuse(self, environ: WSGIEnvironment, failure: Failure, retry_after: float) -> Response:
        return wire.refusal(environ, failure, retry_after=retry_after)

    def throttle(self, environ: WSGIEnvironment) -> float:
        """Seconds to wait, or 0 when the request is within its account's share and has been charged."""
        access_key, region, _ = credential_of(environ)
        name, amount = _limit(*self.name_call(environ))
        if not self._cloud.knobs.throttles or not name:
            return 0.0
        key = f"{account_of(access_key)}/{region}"
        window = self._cloud.windows.window(name, key, amount=amount, seconds=1)
        arrived_at = environ[ARRIVED_AT]
        wait = window.seconds_until_free(1, arrived_at)
        if not wait:
            window.take(1, arrived_at)
        return wait

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        access_key, _, _ = credential_of(environ)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account_of(access_key)
        return self._moto(environ, start_response)


def _limit(service: str, operation: str) -> tuple[str, int]:
    """(what the limit is called, requests a second); without a name where there is none."""
    if service in _LIMITED:
        return service, REQUESTS_PER_SECOND
    category = category_of(operation) if service == "cognito-idp" else None
    return (f"{service}/{category.name}", category.requests_per_second) if category else ("", 0)


def _unsigned_service(environ: WSGIEnvironment) -> str:
    if environ.get("HTTP_AUTHORIZATION"):
        return ""
    return _UNSIGNED.get(str(environ.get("HTTP_X_AMZ_TARGET", "")).partition(".")[0], "")


def _operation(environ: WSGIEnvironment, service: str) -> str:
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    if target:
        return target.rpartition(".")[2]
    if match := _ACTION.search(environ.get("QUERY_STRING", "") or _body(environ).decode("utf-8", "replace")):
        return match[1]
    try:
        operation, _ = get_service_router(service).match(Request({**environ, "wsgi.input": io.BytesIO()}))
    except (NotFound, KeyError, ValueError, LookupError):
        return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    return str(operation.name)


def _body(environ: WSGIEnvironment) -> bytes:
    """The body of a form; the gate has read it, so reading does not consume the connection."""
    if not str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        return b""
    stream: io.BytesIO = environ["wsgi.input"]
    return stream.getvalue()
