"""How Paddock proves to Entra ID that it is the registered application."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrations.errors import IntegrationError


@dataclass(frozen=True)
class Secret:
    value: str = field(repr=False)


@dataclass(frozen=True)
class Certificate:
    private_key_pem: str = field(repr=False)
    certificate_pem: str


@dataclass(frozen=True)
class Federated:
    """`token_file` is a workload identity's projected token. Its platform renews it, so it is read at every use."""

    token_file: str


Credential = Secret | Certificate | Federated


@dataclass(frozen=True)
class EntraConfig:
    """`service_principal_id` and `job_id` belong to the enterprise application that provisions into Identity Center."""

    tenant_id: str
    client_id: str
    credential: Credential
    service_principal_id: str = ""
    job_id: str = ""


def to_msal(credential: Credential) -> str | dict[str, Any]:
    """The shape that msal takes."""
    match credential:
        case Secret(value):
            return value
        case Certificate(private_key_pem, certificate_pem):
            # Without a thumbprint, msal signs with PS256 and a SHA-256 thumbprint.
            return {"private_key": private_key_pem, "public_certificate": certificate_pem}
        case Federated(token_file):
            return {"client_assertion": lambda: _read_token(token_file)}


def fingerprint(credential: Credential) -> str:
    """Changes with the credential and reveals nothing of it."""
    match credential:
        case Secret(value):
            parts = ("secret", value)
        case Certificate(private_key_pem, certificate_pem):
            parts = ("certificate", private_key_pem + certificate_pem)
        case Federated(token_file):
            parts = ("federated", token_file)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _read_token(token_file: str) -> str:
    try:
        return Path(token_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise IntegrationError(
            f"The federated token file {token_file} cannot be read. Check that workload identity is set up on "
            "Paddock's servers and that the directory connection names the right file.",
            permanent=True,
            code="TokenFile",
        ) from error
