"""Signing in with msal, by every kind of credential, and the refusals it has to explain."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.sandbox import world
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="module")
def certificate() -> dict[str, str]:
    """A key pair as msal wants it, with its SHA-1 thumbprint."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "paddock")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "private_key": private.decode(),
        "public_certificate": signed.public_bytes(serialization.Encoding.PEM).decode(),
        "thumbprint": signed.fingerprint(hashes.SHA1()).hex(),  # noqa: S303 - the form that Entra identifies by
    }


def seed_credentials(sandbox: Sandbox, **credentials: str) -> None:
    tenant = {**world.seed()["entra"][0], **credentials}
    sandbox.seed(entra=[tenant])


def test_a_secret_brings_a_token_that_graph_accepts(sandbox: Sandbox) -> None:
    answer = world.sign_in(sandbox)
    assert answer["token_type"] == "Bearer"
    assert world.Graph(sandbox).call("GET", "/users").status_code == 200


@pytest.mark.parametrize("parts", [("thumbprint",), ()], ids=["RS256", "PS256"])
def test_a_certificate_is_verified(sandbox: Sandbox, certificate: dict[str, str], parts: tuple[str, ...]) -> None:
    seed_credentials(sandbox, certificate=certificate["public_certificate"])
    wanted = {"private_key", "public_certificate", *parts}
    answer = world.sign_in(sandbox, {name: value for name, value in certificate.items() if name in wanted})
    assert "access_token" in answer, answer


def test_another_certificate_is_refused(sandbox: Sandbox, certificate: dict[str, str]) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = other.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    seed_credentials(sandbox, certificate=pem)
    assert world.sign_in(sandbox, certificate)["error_codes"] == [700027]


@pytest.mark.parametrize(("subject", "expected"), [("system:paddock", None), ("somebody else", [700213])])
def test_a_federated_assertion_needs_the_subject(sandbox: Sandbox, subject: str, expected: list[int] | None) -> None:
    seed_credentials(sandbox, federated_subject="system:paddock")
    claims = {"sub": subject, "iss": "https://issuer.example", "aud": "api://AzureADTokenExchange"}
    assertion = jwt.encode(claims, "the issuer's key, which nobody here knows", algorithm="HS256")
    answer = world.sign_in(sandbox, {"client_assertion": lambda: assertion})
    assert answer.get("error_codes") == expected


@pytest.mark.parametrize(
    ("options", "code", "error"),
    [
        ({"credential": "wrong"}, 7000215, "invalid_client"),
        ({"credential": "an old secret"}, 7000222, "invalid_client"),
        ({"client_id": "00000000-0000-4000-8000-00000000dead"}, 700016, "unauthorized_client"),
    ],
)
def test_refusals(sandbox: Sandbox, options: dict[str, Any], code: int, error: str) -> None:
    answer = world.sign_in(sandbox, **options)
    assert (answer["error"], answer["error_codes"]) == (error, [code])
    assert answer["error_description"].startswith(f"AADSTS{code}: ")


def test_an_unknown_tenant_is_refused(sandbox: Sandbox) -> None:
    address = f"{sandbox.url}/login/nowhere/oauth2/v2.0/token"
    answer = requests.post(address, data={"grant_type": "client_credentials"}, timeout=60)
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


def test_discovery_speaks_of_the_host_that_was_called(sandbox: Sandbox) -> None:
    address = f"{sandbox.url}/login/{world.TENANT}/v2.0/.well-known/openid-configuration"
    named = requests.get(address, headers={"X-Orig-Host": "login.example"}, timeout=60).json()
    assert named["token_endpoint"] == f"https://login.example/{world.TENANT}/oauth2/v2.0/token"
    assert requests.get(address, timeout=60).json()["issuer"].startswith("https://login.microsoftonline.com/")


@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Basic YTpi"])
def test_graph_refuses_other_tokens(sandbox: Sandbox, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = requests.get(f"{sandbox.url}/graph/v1.0/users", headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_tokens_expire(sandbox: Sandbox) -> None:
    sandbox.knobs(token_lifetime_seconds=0.001)
    answer = world.Graph(sandbox).call("GET", "/users")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
