"""Signing in to Entra ID: three kinds of credential, one token for all processes, refusals in plain words."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.core.cache import cache

from integrations.directories.entra.credentials import Certificate, Credential, EntraConfig, Federated, Secret
from integrations.directories.entra.directory import EntraDirectory
from integrations.directories.entra.refusals import explain_login_refusal
from integrations.directories.entra.tokens import token_source
from integrations.errors import IntegrationError
from tests.integrations import world
from tests.support.sandbox import ROOT, Sandbox

ANN = world.person("ann@contoso.example")
SUBJECT = "system:serviceaccount:paddock:worker"


def token_posts(sandbox: Sandbox) -> int:
    return sum(count for name, count in sandbox.calls().get("login", {}).items() if name.startswith("POST"))


def find_ann(**changes: Any) -> object:
    return EntraDirectory(replace(world.ENTRA, **changes)).find_people([ANN])[ANN.email]


def pem_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "paddock")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture(scope="module")
def pair() -> tuple[str, str]:
    return pem_pair()


class TestCredentials:
    def test_a_secret_opens_the_directory(self, sandbox: Sandbox) -> None:
        assert isinstance(find_ann(), str)

    def test_a_certificate_opens_the_directory(self, sandbox: Sandbox, pair: tuple[str, str]) -> None:
        sandbox.seed(**world.seed(certificate=pair[1]))
        assert isinstance(find_ann(credential=Certificate(*pair)), str)

    def test_a_federated_token_is_read_at_every_use(self, sandbox: Sandbox, tmp_path: Path) -> None:
        sandbox.seed(**world.seed(federated_subject=SUBJECT))
        token_file = tmp_path / "token"
        token_file.write_text(federated_token(subject=SUBJECT))
        config = replace(world.ENTRA, credential=Federated(str(token_file)))
        assert isinstance(EntraDirectory(config).find_people([ANN])[ANN.email], str)

        token_file.write_text(federated_token(subject="system:serviceaccount:elsewhere:worker"))
        cache.clear()
        token_source.cache_clear()
        refusal = EntraDirectory(config).find_people([ANN])[ANN.email]
        assert isinstance(refusal, IntegrationError)
        assert "subject" in refusal.message

    def test_nothing_of_a_credential_is_in_its_representation(self, pair: tuple[str, str]) -> None:
        text = repr([Secret("s3cret"), Certificate(*pair), world.ENTRA])
        assert "s3cret" not in text
        assert world.CLIENT_SECRET not in text
        assert pair[0] not in text


def federated_token(*, subject: str) -> str:
    now = datetime.now(UTC)
    claims = {
        "iss": "https://cluster.example",
        "sub": subject,
        "aud": "api://AzureADTokenExchange",
        "iat": now,
        "exp": now + timedelta(hours=1),
    }
    return jwt.encode(claims, "an unchecked signature of thirty-two bytes", algorithm="HS256")


class TestSharing:
    def test_two_processes_share_one_token(self, sandbox: Sandbox) -> None:
        for _ in range(2):
            completed = subprocess.run(
                [sys.executable, "-m", "tests.integrations.other_process"],
                cwd=ROOT,
                env=os.environ
                | sandbox.environment()
                | {"DJANGO_SETTINGS_MODULE": "paddock.settings.test", "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert completed.returncode == 0, completed.stderr
        assert token_posts(sandbox) == 1

    def test_the_shared_token_is_encrypted(self, sandbox: Sandbox) -> None:
        find_ann()
        token = token_source(world.TENANT_ID, world.CLIENT_ID, Secret(world.CLIENT_SECRET)).token()
        client = cache._cache.get_client()  # type: ignore[attr-defined]
        stored = b"".join(client.get(key) or b"" for key in client.scan_iter("paddock*entra*"))
        assert stored
        assert token.encode() not in stored
        assert b"AccessToken" not in stored

    def test_a_shared_token_that_no_key_fits_is_replaced(self, sandbox: Sandbox) -> None:
        source = token_source(world.TENANT_ID, world.CLIENT_ID, Secret(world.CLIENT_SECRET))
        cache.set(f"{source._key}:tokens", "written with a key that is gone")
        assert isinstance(find_ann(), str)

    def test_many_calls_need_one_token(self, sandbox: Sandbox) -> None:
        for _ in range(5):
            find_ann()
        assert token_posts(sandbox) == 1

    def test_a_token_that_graph_rejects_is_replaced_once(self, sandbox: Sandbox) -> None:
        find_ann()
        source = token_source(world.TENANT_ID, world.CLIENT_ID, Secret(world.CLIENT_SECRET))
        source._token = "revoked"
        assert isinstance(find_ann(), str)
        # Another process had a good token in the shared cache.
        assert token_posts(sandbox) == 1

    def test_a_shared_token_that_graph_rejects_is_renewed(self, sandbox: Sandbox) -> None:
        source = token_source(world.TENANT_ID, world.CLIENT_ID, Secret(world.CLIENT_SECRET))
        rejected = source.token()
        assert source.replace(rejected) != rejected
        assert source.replace(rejected) == source.token()
        assert token_posts(sandbox) == 2


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "code", "advice"),
        [
            ({"credential": Secret("wrong")}, "AADSTS7000215", "Create a new one"),
            ({"credential": Secret(world.EXPIRED_SECRET)}, "AADSTS7000222", "has expired"),
            ({"client_id": "00000000-0000-4000-8000-000000000000"}, "AADSTS700016", "Check the client id"),
            ({"tenant_id": "00000000-0000-4000-8000-000000000000"}, "AADSTS90002", "Check the tenant id"),
            ({"tenant_id": "not a tenant/at all"}, "AADSTS90002", "Check the tenant id"),
            ({"credential": Certificate("no key", "no certificate")}, "Credential", "PEM format"),
            ({"credential": Federated("/nowhere/token")}, "TokenFile", "workload identity"),
        ],
    )
    def test_says_what_to_do(self, sandbox: Sandbox, changes: dict[str, Any], code: str, advice: str) -> None:
        refusal = find_ann(**changes)
        assert isinstance(refusal, IntegrationError)
        assert (refusal.permanent, refusal.code) == (True, code)
        assert advice in refusal.message

    def test_a_foreign_certificate_is_refused(self, sandbox: Sandbox, pair: tuple[str, str]) -> None:
        sandbox.seed(**world.seed(certificate=pem_pair()[1]))
        refusal = find_ann(credential=Certificate(*pair))
        assert isinstance(refusal, IntegrationError)
        assert (refusal.permanent, refusal.code) == (True, "AADSTS700027")

    def test_does_not_hammer_after_a_refusal(self, sandbox: Sandbox) -> None:
        for _ in range(5):
            find_ann(credential=Secret("wrong"))
            token_source.cache_clear()
        assert token_posts(sandbox) == 1

    def test_a_corrected_secret_works_at_once(self, sandbox: Sandbox) -> None:
        assert isinstance(find_ann(credential=Secret("wrong")), IntegrationError)
        assert isinstance(find_ann(), str)

    @pytest.mark.parametrize("failure_rate", [1.0])
    def test_an_outage_goes_away_by_itself(self, sandbox: Sandbox, failure_rate: float) -> None:
        sandbox.knobs(failure_rate=failure_rate)
        refusal = find_ann()
        assert isinstance(refusal, IntegrationError)
        assert not refusal.permanent
        assert refusal.retry_after

    @pytest.mark.parametrize(
        ("result", "permanent", "code"),
        [
            ({"error": "invalid_client", "error_description": "AADSTS7000112: disabled"}, True, "AADSTS7000112"),
            (
                {"error": "invalid_client", "error_description": "AADSTS99999: Something new.\r\nTrace"},
                True,
                "AADSTS99999",
            ),
            ({"error": "invalid_grant"}, True, "invalid_grant"),
            ({"error": "temporarily_unavailable"}, False, "LoginOutage"),
            ({"error": "server_error", "error_description": "AADSTS90033: transient"}, False, "LoginOutage"),
        ],
    )
    def test_reads_every_form_of_refusal(self, result: dict[str, str], permanent: bool, code: str) -> None:
        error = explain_login_refusal(result)
        assert (error.permanent, error.code) == (permanent, code)
        assert "Trace" not in error.message


def test_configurations_of_one_credential_share_a_source() -> None:
    credential: Credential = Secret("one")
    with_job = EntraConfig("tenant", "client", credential, "application", "job")
    assert token_source("tenant", "client", credential) is token_source(
        with_job.tenant_id, with_job.client_id, with_job.credential
    )
