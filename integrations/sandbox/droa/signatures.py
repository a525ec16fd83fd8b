"""Signature Version 4, checked as the gateway checks it."""

import hmac
import re
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from integrations.sandbox.droa.errors import ApiError, refused_by_gateway

SERVICE = "execute-api"

_AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?"
    r"SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$"
)
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method."
)


@dataclass(frozen=True)
class Signature:
    access_key: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    digest: str


def read_signature(environ: dict[str, Any]) -> Signature:
    """Raises ApiError."""
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    if not authorization:
        raise missing_token()
    match = _AUTHORIZATION.match(authorization)
    if match is None:
        message = "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters."
        raise refused_by_gateway("IncompleteSignatureException", message)
    return Signature(match[1], match[3], match[4], tuple(match[5].split(";")), match[6])


def check_signature(environ: dict[str, Any], body: bytes, signature: Signature, keys: Credentials) -> None:
    """Raises ApiError unless the holder of the keys has signed this very request."""
    if environ.get("HTTP_X_AMZ_SECURITY_TOKEN") != keys.token:
        raise invalid_token()
    if signature.service != SERVICE:
        message = f"Credential should be scoped to correct service: '{SERVICE}'."
        raise refused_by_gateway("InvalidSignatureException", message)
    headers = {name: _header(environ, name) for name in signature.signed_headers}
    uri = environ["REQUEST_URI"]
    request: Any = AWSRequest(environ["REQUEST_METHOD"], f"http://{environ['HTTP_HOST']}{uri}", headers, body)
    request.context["timestamp"] = environ.get("HTTP_X_AMZ_DATE", "")
    signer: Any = SigV4Auth(keys, SERVICE, signature.region)
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    if not hmac.compare_digest(expected, signature.digest):
        raise refused_by_gateway("InvalidSignatureException", _MISMATCH)


def missing_token() -> ApiError:
    """Also the gateway's answer about paths and methods that it does not have."""
    return refused_by_gateway("MissingAuthenticationTokenException", "Missing Authentication Token")


def invalid_token() -> ApiError:
    message = "The security token included in the request is invalid."
    return refused_by_gateway("UnrecognizedClientException", message)


def expired_token() -> ApiError:
    return refused_by_gateway("ExpiredTokenException", "The security token included in the request is expired")


def _header(environ: dict[str, Any], name: str) -> str:
    key = name.upper().replace("-", "_")
    return str(environ.get(key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}", ""))
