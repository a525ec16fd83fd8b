"""The address at which a provider ends its own session."""

import logging
from urllib.parse import urlencode

import requests
from django.http import HttpRequest
from django.urls import reverse

from paddock.sso import oidc, saml
from paddock.sso.addresses import absolute
from paddock.sso.connecting import is_web_address
from paddock.sso.models import IdentityProvider

logger = logging.getLogger(__name__)


def find_provider_sign_out(
    request: HttpRequest, provider: IdentityProvider, *, id_token: str = "", name_id: str = "", session_index: str = ""
) -> str:
    """Empty where the provider offers none, or does not answer: whoever wants to leave is not kept."""
    if provider.kind == IdentityProvider.Kind.OIDC:
        return _of_oidc(provider, id_token)
    if not provider.slo_url or not name_id:
        return ""
    auth = saml.build_auth(request, provider)
    address: str = auth.logout(return_to="", name_id=name_id, session_index=session_index or None)
    return address


def _of_oidc(provider: IdentityProvider, id_token: str) -> str:
    try:
        address = oidc.read_discovery(provider.issuer).get("end_session_endpoint")
    except (requests.RequestException, ValueError) as error:
        logger.warning("Provider %s could not be asked where to sign out: %s", provider.key, error)
        return ""
    hints = {"id_token_hint": id_token} if id_token else {"client_id": provider.client_id}
    asked = hints | {"post_logout_redirect_uri": absolute(reverse("sso:signed_out"))}
    return f"{address}?{urlencode(asked)}" if address and is_web_address(str(address)) else ""
