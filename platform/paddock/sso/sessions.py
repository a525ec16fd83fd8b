"""What a session remembers of the provider, so that a sign-out can reach it."""

from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest

from paddock.secrets import decrypt, encrypt
from paddock.sso.lookup import find_provider
from paddock.sso.models import IdentityProvider
from paddock.sso.signing_out import find_provider_sign_out

SESSION_KEY = "single_sign_on"
# When the provider last asked who somebody is, in seconds since 1970: a sign-in alone may have been a silent one.
AUTHENTICATED_AT = "single_sign_on_at"


def remember_provider_session(request: HttpRequest, sociallogin: Any) -> None:
    hints = {name: getattr(sociallogin, name, "") for name in ("id_token", "name_id", "session_index")}
    request.session[SESSION_KEY] = {"provider": sociallogin.provider.app.provider_row.key} | {
        name: encrypt(hint) for name, hint in hints.items() if hint
    }
    request.session[AUTHENTICATED_AT] = sociallogin.claims.authenticated_at


def sign_out_of(request: HttpRequest, provider: IdentityProvider) -> None:
    """End the session that the provider vouches for. Any other one is none of its business."""
    if (request.session.get(SESSION_KEY) or {}).get("provider") == provider.key:
        sign_out(request)


def sign_out(request: HttpRequest) -> tuple[IdentityProvider | None, str]:
    """End the session here. Returns the provider it came from, and the address that ends the one there, if any."""
    remembered = request.session.get(SESSION_KEY) or {}
    logout(request)
    provider = find_provider(remembered.pop("provider", ""))
    if provider is None:
        return None, ""
    hints = {name: decrypt(hint) for name, hint in remembered.items()}
    return provider, find_provider_sign_out(request, provider, **hints)
