"""The sign-in endpoint: discovery and the client-credentials grant with secret, certificate or federated assertion."""

import uuid
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from flask import Blueprint, Response, jsonify, request

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph.store import Tenant
from integrations.sandbox.tokens import issue_token

DEFAULT_HOST = "login.microsoftonline.com"
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SCOPE = "https://graph.microsoft.com/.default"


class LoginError(Exception):
    """A refusal with its AADSTS number, OAuth error name and HTTP status."""

    def __init__(self, number: int, message: str, *, error: str = "invalid_client", status: int = 401) -> None:
        super().__init__(message)
        self.number, self.message, self.error, self.status = number, message, error, status


def login_blueprint(cloud: Cloud) -> Blueprint:
    blueprint = Blueprint("login", __name__, url_prefix="/login")

    @blueprint.get("/common/discovery/instance")
    def instances() -> Response:
        return jsonify({"tenant_discovery_endpoint": _address("common", "openid-configuration"), "metadata": []})

    @blueprint.get("/<tenant_id>/v2.0/.well-known/openid-configuration")
    def discovery(tenant_id: str) -> Response | tuple[Response, int]:
        try:
            _tenant(cloud, tenant_id)
        except LoginError as error:
            return _refusal(error)
        return jsonify(_discovery_document(tenant_id))

    @blueprint.post("/<tenant_id>/oauth2/v2.0/token")
    def token(tenant_id: str) -> Response | tuple[Response, int]:
        try:
            tenant = _tenant(cloud, tenant_id)
            _check_grant(tenant, request.form.to_dict())
        except LoginError as error:
            return _refusal(error)
        return jsonify(_grant(tenant, cloud.knobs.token_lifetime_seconds))

    return blueprint


def _tenant(cloud: Cloud, tenant_id: str) -> Tenant:
    tenant = cloud.tenants.get(tenant_id)
    if tenant is None:
        message = f"Tenant '{tenant_id}' not found. Check to make sure you have the correct tenant ID."
        raise LoginError(90002, message, error="invalid_request", status=400)
    return tenant


def _check_grant(tenant: Tenant, form: dict[str, str]) -> None:
    if form.get("grant_type") != "client_credentials":
        raise LoginError(70003, "The grant type is not supported.", error="unsupported_grant_type", status=400)
    if form.get("scope") != _SCOPE:
        message = f"The provided value for scope {form.get('scope')} is not valid."
        raise LoginError(70011, message, error="invalid_scope", status=400)
    client_id = form.get("client_id", "")
    if client_id != tenant.client_id:
        message = f"Application with identifier '{client_id}' was not found in the directory '{tenant.tenant_id}'."
        raise LoginError(700016, message, error="unauthorized_client", status=400)
    if "client_assertion" in form:
        _check_assertion(tenant, form)
    else:
        _check_secret(tenant, form.get("client_secret", ""))


def _check_secret(tenant: Tenant, secret: str) -> None:
    if secret in tenant.expired_secrets:
        raise LoginError(7000222, f"The provided client secret keys for app '{tenant.client_id}' are expired.")
    if not secret or secret != tenant.client_secret:
        raise LoginError(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{tenant.client_id}'.",
        )


def _check_assertion(tenant: Tenant, form: dict[str, str]) -> None:
    """A JWT of the application itself is signed with its certificate; any other comes from a federated issuer."""
    if form.get("client_assertion_type") != _ASSERTION_TYPE:
        raise LoginError(900144, "The request body must contain 'client_assertion_type'.", status=400)
    assertion = form["client_assertion"]
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False, "verify_exp": True})
    except jwt.InvalidTokenError as error:
        raise LoginError(50027, f"JWT token is invalid or malformed: {error}.", status=400) from error
    if claims.get("iss") == tenant.client_id:
        _check_certificate(tenant, assertion)
    elif not tenant.federated_subject or claims.get("sub") != tenant.federated_subject:
        message = f"No matching federated identity record found for presented assertion subject '{claims.get('sub')}'."
        raise LoginError(700213, message)


def _check_certificate(tenant: Tenant, assertion: str) -> None:
    if not tenant.certificate:
        raise LoginError(700027, "Client assertion failed signature validation. The key was not found.")
    try:
        jwt.decode(
            assertion,
            _public_key(tenant.certificate),
            algorithms=["RS256", "PS256"],
            audience=_address(tenant.tenant_id, "token"),
            subject=tenant.client_id,
        )
    except jwt.InvalidTokenError as error:
        raise LoginError(700027, f"Client assertion failed signature validation. {error}.") from error


def _public_key(certificate: str) -> Any:
    """Of a PEM certificate or a bare PEM public key."""
    content = certificate.encode()
    if b"BEGIN CERTIFICATE" in content:
        return x509.load_pem_x509_certificate(content).public_key()
    return serialization.load_pem_public_key(content)


def _grant(tenant: Tenant, lifetime_seconds: float) -> dict[str, object]:
    token = issue_token(tenant_id=tenant.tenant_id, client_id=tenant.client_id, lifetime_seconds=lifetime_seconds)
    seconds = int(lifetime_seconds)
    return {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token}


def _discovery_document(tenant_id: str) -> dict[str, object]:
    return {
        "issuer": f"https://{_host()}/{tenant_id}/v2.0",
        "token_endpoint": _address(tenant_id, "token"),
        "authorization_endpoint": _address(tenant_id, "authorize"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
    }


def _address(tenant_id: str, endpoint: str) -> str:
    """Always https and the host the client believes it talks to, because msal accepts nothing else."""
    if endpoint == "openid-configuration":
        return f"https://{_host()}/{tenant_id}/v2.0/.well-known/{endpoint}"
    return f"https://{_host()}/{tenant_id}/oauth2/v2.0/{endpoint}"


def _host() -> str:
    return request.headers.get("X-Orig-Host", DEFAULT_HOST)


def _refusal(error: LoginError) -> tuple[Response, int]:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    trace_id, correlation_id = str(uuid.uuid4()), request.headers.get("client-request-id") or str(uuid.uuid4())
    body = {
        "error": error.error,
        "error_description": f"AADSTS{error.number}: {error.message} Trace ID: {trace_id} "
        f"Correlation ID: {correlation_id} Timestamp: {now}",
        "error_codes": [error.number],
        "timestamp": now,
        "trace_id": trace_id,
        "correlation_id": correlation_id,
    }
    return jsonify(body), error.status
