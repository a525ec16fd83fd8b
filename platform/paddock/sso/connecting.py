"""What an owner types in, looked at before it is believed. All of it calls outside, so never inside a transaction."""

from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography import x509
from django.utils import timezone
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from paddock.outgoing import LONGEST_ANSWER, OutgoingSession
from paddock.sso.models import IdentityProvider
from paddock.sso.oidc import NEEDED, read_discovery
from paddock.sso.refusals import ProviderUnusable

SCOPES = ["openid", "profile", "email"]


def describe_oidc(issuer: str) -> dict[str, Any]:
    """The fields that follow from the issuer's discovery document. Raises ProviderUnusable."""
    _check_address(issuer)
    try:
        found = read_discovery(issuer)
    except (requests.RequestException, ValueError) as error:
        raise ProviderUnusable(
            f"{_address_of(issuer)} does not answer with a discovery document. Check the issuer with its administrator."
            f" ({_shorten(error)})"
        ) from error
    if found.get("issuer") != issuer:
        raise ProviderUnusable(f"The provider calls itself “{found.get('issuer')}”. Enter exactly that as the issuer.")
    missing = [name for name in NEEDED if not found.get(name)]
    if missing:
        raise ProviderUnusable(f"The discovery document names no {missing[0]}, so nobody could sign in.")
    # Where groups are a scope of their own, roles could not follow from them otherwise.
    scopes = SCOPES + [each for each in ("groups",) if each in found.get("scopes_supported", [])]
    return {"scopes": " ".join(scopes)}


def describe_saml(metadata: bytes) -> dict[str, Any]:
    """The fields that follow from a provider's metadata. Raises ProviderUnusable."""
    try:
        found = OneLogin_Saml2_IdPMetadataParser.parse(metadata).get("idp", {})
    except (OneLogin_Saml2_Error, SyntaxError, ValueError, AttributeError) as error:
        # The library stumbles, with an AttributeError, over elements that should not be empty.
        raise ProviderUnusable(f"This is no SAML metadata. ({_shorten(error)})") from error
    if not found.get("entityId"):
        raise ProviderUnusable("The metadata describes no identity provider: it has no IDPSSODescriptor with an id.")
    address = found.get("singleSignOnService", {}).get("url", "")
    if not address:
        raise ProviderUnusable("The metadata names no sign-in address with the binding HTTP-Redirect.")
    sign_out = found.get("singleLogoutService", {}).get("url", "")
    for each in filter(None, (address, sign_out)):
        _check_address(each)
    return {
        "entity_id": found["entityId"],
        "sso_url": address,
        "slo_url": sign_out,
        "certificates": _read_certificates(found),
        "metadata_read_at": timezone.now(),
    }


def fetch_metadata(address: str) -> bytes:
    """Raises ProviderUnusable."""
    _check_address(address)
    try:
        with OutgoingSession() as session:
            answer = session.get(address)
            answer.raise_for_status()
    except requests.RequestException as error:
        raise ProviderUnusable(f"The metadata address does not answer. ({_shorten(error)})") from error
    return bytes(answer.content)


def check_upload(size: int) -> None:
    if size > LONGEST_ANSWER:
        raise ProviderUnusable("The file is larger than 1 MB, so it is no metadata of one provider.")


def read_certificate(text: str) -> x509.Certificate:
    """Raises ValueError."""
    return x509.load_pem_x509_certificate(OneLogin_Saml2_Utils.format_cert(text).encode())


def is_complete(provider: IdentityProvider) -> bool:
    """Whether anybody could sign in through it."""
    if provider.is_oidc:
        return bool(provider.issuer and provider.client_id and provider.client_secret)
    return bool(provider.entity_id and provider.sso_url and provider.certificates)


def _read_certificates(found: dict[str, Any]) -> list[str]:
    several = found.get("x509certMulti", {}).get("signing", [])
    certificates = list(several) or [each for each in [found.get("x509cert")] if each]
    if not certificates:
        raise ProviderUnusable("The metadata has no certificate for signatures, so nothing could be verified.")
    try:
        for each in certificates:
            read_certificate(each)
    except ValueError as error:
        raise ProviderUnusable(f"A certificate of the metadata cannot be read. ({_shorten(error)})") from error
    return certificates


def _check_address(address: str) -> None:
    if not is_web_address(address):
        raise ProviderUnusable(f"“{address}” is no address. It begins with https:// or http://.")


def is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets that are no IPv6 address
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname)


def _address_of(issuer: str) -> str:
    return urlsplit(issuer).netloc


def _shorten(error: Exception) -> str:
    words = " ".join(str(error).split())
    return words if len(words) <= 160 else f"{words[:160]}…"
