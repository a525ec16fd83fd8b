"""SAML by python3-saml: how Paddock describes itself, and what it demands of an assertion beyond the library."""

import binascii
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from paddock.sso.addresses import assertion_consumer, own_entity_id, single_logout
from paddock.sso.claims import Claims, as_texts, first_address
from paddock.sso.models import IdentityProvider
from paddock.sso.refusals import NOT_PROVEN, SignInRefused

CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
EMAILS = ["email", "mail", f"{CLAIM}emailaddress", "urn:oid:0.9.2342.19200300.100.1.3", "emailaddress", "Email"]
GIVEN_NAMES = ["given_name", "givenName", "firstName", f"{CLAIM}givenname", "urn:oid:2.5.4.42"]
FAMILY_NAMES = ["family_name", "sn", "lastName", f"{CLAIM}surname", "urn:oid:2.5.4.4"]
NAMES = [
    "name",
    "displayName",
    "http://schemas.microsoft.com/identity/claims/displayname",
    "urn:oid:2.16.840.1.113730.3.1.241",
]
SECURITY = {
    # Every assertion or the whole response is signed, the one or the other, by the library's own rule.
    "wantAttributeStatement": False,
    "requestedAuthnContext": False,
    "rejectDeprecatedAlgorithm": True,
    "allowRepeatAttributeName": True,
    "signatureAlgorithm": Saml.RSA_SHA256,
    "digestAlgorithm": Saml.SHA256,
}
# What the library says of a response that is none; the last two where it stumbles over an element that is empty.
UNREADABLE = (
    *(OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, binascii.Error, SyntaxError, ValueError),
    *(AttributeError, TypeError),
)


class StrictResponse(OneLogin_Saml2_Response):  # type: ignore[misc]
    """The library lets pass what the assertion does not say at all; the profile says that it must."""

    def is_valid(
        self, request_data: dict[str, Any], request_id: str | None = None, raise_exceptions: bool = False
    ) -> bool:
        if not super().is_valid(request_data, request_id, raise_exceptions):
            return False
        self._error = self._find_gap()
        return self._error is None

    def read_moment(self) -> float:
        """When the provider asked the person; a valid response says so once."""
        (statement,) = self._query_assertion("/saml:AuthnStatement")
        return float(OneLogin_Saml2_Utils.parse_SAML_to_time(statement.get("AuthnInstant")))

    def _find_gap(self) -> str | None:
        if not self.get_in_response_to():
            return "The response answers no sign-in."
        if not self.get_audiences():
            return "The assertion names no audience."
        found = self._query_assertion("/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData")
        if not any(self._is_whole(each) for each in found):
            return "The assertion does not say for whom, until when and for which sign-in it is."
        return None

    def _is_whole(self, confirmation: Any) -> bool:
        answers = confirmation.get("InResponseTo") == self.get_in_response_to()
        return bool(answers and confirmation.get("Recipient") and confirmation.get("NotOnOrAfter"))


class StrictAuth(OneLogin_Saml2_Auth):  # type: ignore[misc]
    response_class = StrictResponse
    authenticated_at = 0.0

    def store_valid_response(self, response: StrictResponse) -> None:
        super().store_valid_response(response)
        self.authenticated_at = response.read_moment()


class StrictProvider(SAMLProvider):  # type: ignore[misc]
    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponseRedirect:
        auth = build_auth(request, self.app.provider_row)
        address = auth.login(return_to="", force_authn="again" in request.GET)
        self.stash_redirect_state(request, process, next_url, data, state_id=auth.get_last_request_id(), **kwargs)
        return HttpResponseRedirect(address)

    def extract_uid(self, data: Claims) -> str:
        return data.uid

    def extract_extra_data(self, data: Claims) -> dict[str, Any]:
        return data.as_data()

    def extract_common_fields(self, data: Claims) -> dict[str, Any]:
        return {}

    def sociallogin_from_response(self, request: HttpRequest, response: Claims) -> Any:
        login = super().sociallogin_from_response(request, response)
        login.claims = response
        return login


def build_auth(request: HttpRequest, provider: IdentityProvider, *, posted: Any = None) -> StrictAuth:
    own = urlsplit(settings.SITE_URL)
    described = {
        "https": "on" if own.scheme == "https" else "off",
        "http_host": own.netloc,
        "script_name": request.path,
        "get_data": request.GET.copy(),
        "post_data": posted or {},
    }
    return StrictAuth(described, build_settings(provider))


def read_response(posted: HttpRequest, provider: IdentityProvider) -> StrictAuth:
    """Raises SignInRefused where the provider refused, or did not sign what was posted."""
    try:
        auth = build_auth(posted, provider, posted=posted.POST)
        auth.process_response()
    except UNREADABLE as error:
        raise SignInRefused(NOT_PROVEN, detail=f"The response cannot be read: {error}") from error
    if auth.get_errors() or not auth.is_authenticated():
        raise SignInRefused(NOT_PROVEN, detail=str(auth.get_last_error_reason()))
    return auth


def write_metadata(provider: IdentityProvider) -> bytes:
    described = OneLogin_Saml2_Settings(build_settings(provider), sp_validation_only=True)
    metadata: bytes = described.get_sp_metadata()
    return metadata


def build_settings(provider: IdentityProvider) -> dict[str, Any]:
    return {
        "strict": True,
        "security": SECURITY,
        "sp": _describe_ourselves(provider),
        "idp": _describe_provider(provider),
    }


def read_claims(auth: StrictAuth, provider: IdentityProvider) -> Claims:
    attributes: dict[str, list[Any]] = auth.get_attributes()
    name_id = str(auth.get_nameid() or "")
    return Claims(
        issuer=provider.entity_id,
        subject=name_id,
        email=first_address(_first(attributes, EMAILS), name_id),
        given_name=_first(attributes, GIVEN_NAMES),
        family_name=_first(attributes, FAMILY_NAMES),
        name=_first(attributes, NAMES),
        authenticated_at=auth.authenticated_at,
        values={name: as_texts(values) for name, values in attributes.items()},
    )


def _first(attributes: dict[str, list[Any]], names: list[str]) -> str:
    found = (values[0] for name in names if (values := attributes.get(name)))
    return str(next(found, "") or "")


def _describe_ourselves(provider: IdentityProvider) -> dict[str, Any]:
    return {
        "entityId": own_entity_id(provider),
        "assertionConsumerService": {"url": assertion_consumer(provider), "binding": Saml.BINDING_HTTP_POST},
        "singleLogoutService": {"url": single_logout(provider), "binding": Saml.BINDING_HTTP_REDIRECT},
        "NameIDFormat": Saml.NAMEID_PERSISTENT,
    }


def _describe_provider(provider: IdentityProvider) -> dict[str, Any]:
    described: dict[str, Any] = {
        "entityId": provider.entity_id,
        "singleSignOnService": {"url": provider.sso_url, "binding": Saml.BINDING_HTTP_REDIRECT},
        "x509certMulti": {"signing": provider.certificates},
    }
    if provider.slo_url:
        described["singleLogoutService"] = {"url": provider.slo_url, "binding": Saml.BINDING_HTTP_REDIRECT}
    return described
