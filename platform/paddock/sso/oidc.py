"""OpenID Connect by allauth, with what it leaves out: the token's signature, nonce and issuer are always looked at."""

import hashlib
from typing import Any

import jwt
import requests
from allauth.socialaccount.models import SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest
from django.urls import reverse

from paddock.outgoing import OutgoingSession
from paddock.sso.addresses import absolute
from paddock.sso.claims import Claims, as_texts, first_address

# Those of a public key alone: with a shared one, whoever checks a token could make it.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
REQUIRED = ["iss", "sub", "aud", "exp", "iat"]
# What only the signed token may say.
OF_ID_TOKEN = {"iss", "aud", "exp", "iat", "nonce", "azp", "auth_time"}
LEEWAY_SECONDS = 60
# What asking the provider for its description may end with.
UNREACHABLE = (OAuth2Error, requests.RequestException)


class StrictAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    code_verifier = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        if missing := [name for name in NEEDED if not config.get(name)]:
            raise OAuth2Error(f"The discovery document names no {missing[0]}.")
        issuer = self.get_provider().app.settings["issuer"]
        if config.get("issuer") != issuer:
            raise OAuth2Error(f"The discovery document is of {config.get('issuer')}, not of {issuer}.")
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return absolute(reverse("openid_connect_callback", args=[self.provider_id]))

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> Any:
        self.code_verifier = pkce_code_verifier or ""
        return super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> Any:
        id_token = str(kwargs["response"].get("id_token") or "")
        claims = self._check(id_token, app.client_id)
        claims |= self._ask_more(token.token, claims["sub"])
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.id_token = id_token  # for the sign-out, which must say whose session ends
        return login

    def _check(self, id_token: str, client_id: str) -> dict[str, Any]:
        try:
            key = _find_key(self._read_keys(), jwt.get_unverified_header(id_token))
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key,
                algorithms=ALGORITHMS,
                audience=client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": REQUIRED},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise OAuth2Error(f"The id token is not valid: {error}") from error
        if claims.get("nonce") != make_nonce(self.code_verifier):
            raise OAuth2Error("The id token answers another sign-in.")
        if "azp" in claims and claims["azp"] != client_id:
            raise OAuth2Error("The id token was made for another client.")
        return claims

    def _read_keys(self) -> jwt.PyJWKSet:
        with OutgoingSession() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        return jwt.PyJWKSet.from_dict(answer.json())

    def _ask_more(self, access_token: str, subject: str) -> dict[str, Any]:
        """Many providers put names and addresses there alone. Only claims of the same subject count."""
        if "userinfo_endpoint" not in self.openid_config:
            return {}
        told: dict[str, Any] = self._fetch_user_info(access_token)
        if told.get("sub") != subject:
            raise OAuth2Error("The claims are of another person than the id token.")
        return {name: value for name, value in told.items() if name not in OF_ID_TOKEN}


class StrictProvider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = StrictAdapter
    pkce_enabled_default = True

    def get_auth_params(self) -> dict[str, Any]:
        """Whoever has to show anew who they are is asked, though the provider may remember them."""
        params: dict[str, Any] = super().get_auth_params()
        return params | ({"prompt": "login", "max_age": "0"} if "again" in self.request.GET else {})

    def get_pkce_params(self) -> dict[str, str]:
        """The nonce follows from the verifier, which never leaves this server until the code is exchanged."""
        params: dict[str, str] = super().get_pkce_params()
        return params | {"nonce": make_nonce(params["code_verifier"])}

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, Any]:
        """Nothing that a link adds."""
        return self.get_auth_params()

    def extract_uid(self, data: dict[str, Any]) -> str:
        return read_claims(data).uid

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return read_claims(data).as_data()

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """None: allauth must know people by their identity alone."""
        return []

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> Any:
        login = super().sociallogin_from_response(request, response)
        login.claims = read_claims(response)
        return login


def make_nonce(code_verifier: str) -> str:
    return hashlib.sha256(f"nonce {code_verifier}".encode()).hexdigest()


def read_claims(data: dict[str, Any]) -> Claims:
    """An address that the provider itself calls unproven counts for nothing; Entra ID may tell it as a user name."""
    proven = data.get("email_verified", True) not in (False, "false")
    names = {name: str(data.get(name) or "") for name in ("given_name", "family_name", "name")}
    return Claims(
        issuer=str(data["iss"]),
        subject=str(data["sub"]),
        email=first_address(data.get("email"), data.get("upn"), data.get("preferred_username")) if proven else "",
        authenticated_at=float(data["auth_time"]) if isinstance(data.get("auth_time"), int | float) else 0.0,
        values={name: as_texts(value) for name, value in data.items()},
        **names,
    )


def read_discovery(issuer: str) -> dict[str, Any]:
    """The provider's own description. Raises what `requests` raises, and ValueError where it is none."""
    with OutgoingSession() as session:
        answer = session.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        answer.raise_for_status()
    described = answer.json()
    if not isinstance(described, dict):
        raise requests.exceptions.InvalidJSONError("The answer is no object.")
    return described


def _find_key(keys: jwt.PyJWKSet, header: dict[str, Any]) -> Any:
    """A provider with one key need not name it."""
    fitting = [key for key in keys.keys if header.get("kid") in (None, key.key_id)]
    if len(fitting) != 1:
        raise ValueError("no key of the provider fits it")
    return fitting[0].key
