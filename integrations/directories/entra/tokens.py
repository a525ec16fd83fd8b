"""Access tokens through msal: one application object a process, one encrypted token cache for all of them."""

import json
import threading
import time
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from django.conf import settings
from django.core.cache import cache as shared_cache
from django.core.exceptions import ImproperlyConfigured
from msal import ConfidentialClientApplication, SerializableTokenCache
from msal.exceptions import MsalError

from integrations.directories.entra.credentials import Credential, fingerprint, to_msal
from integrations.directories.entra.refusals import (
    explain_login_refusal,
    login_outage,
    unknown_tenant,
    unusable_credential,
)
from integrations.errors import IntegrationError
from integrations.shared_keys import shared_key
from paddock.secrets import decrypt, encrypt

SCOPE = "https://graph.microsoft.com/.default"
LOGIN = "https://login.microsoftonline.com"
# msal itself calls a token expired five minutes early.
EXPIRY_MARGIN_SECONDS = 300
# How long a refusal is believed, by all processes: long enough not to hammer, short enough for someone who mends it.
# An outage is believed for as long as it asks to be waited for.
REFUSAL_SECONDS = 30


class LoginTransport(requests.Session):
    """The HTTP client that msal uses. msal insists on https addresses, so another endpoint is put in on the way out."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", settings.PROVIDER_TIMEOUT_SECONDS)
        address = url.decode() if isinstance(url, bytes) else url
        endpoint = settings.ENTRA_LOGIN_ENDPOINT.rstrip("/")
        if endpoint != LOGIN:
            # The endpoint answers discovery with addresses of this host, which come back here and are rewritten again.
            kwargs["headers"] = {**(kwargs.get("headers") or {}), "X-Orig-Host": urlsplit(address).netloc}
            address = endpoint + address.removeprefix(LOGIN)
        response = super().request(method, address, *args, **kwargs)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            # Left to msal, a refused discovery would mean that the tenant does not exist.
            raise requests.HTTPError("Too many requests", response=response)
        return response


class TokenSource:
    """The tokens of one application in one tenant. Thread-safe; obtained from `token_source`."""

    def __init__(self, tenant_id: str, client_id: str, credential: Credential) -> None:
        self._tenant_id = tenant_id
        self._client_id = client_id
        self._credential = credential
        self._key = shared_key("entra-token", tenant_id, client_id, fingerprint(credential))
        self._lock = threading.Lock()
        self._tokens = SerializableTokenCache()
        self._app: ConfidentialClientApplication | None = None
        self._token = ""
        self._fresh_until = 0.0

    def token(self) -> str:
        with self._lock:
            if time.time() >= self._fresh_until:
                self._load_shared_tokens()
                self._acquire()
            return self._token

    def replace(self, rejected: str) -> str:
        """A token other than the `rejected` one, which may already wait in the shared cache."""
        with self._lock:
            if self._token != rejected:
                return self._token
            self._load_shared_tokens()
            self._acquire()
            if self._token == rejected:
                self._tokens.deserialize(None)
                self._acquire()
            return self._token

    def _acquire(self) -> None:
        self._raise_remembered_refusal()
        try:
            result = self._ask_msal()
        except IntegrationError as error:
            self._remember(error)
            raise
        self._token = str(result["access_token"])
        lifetime = int(result["expires_in"])
        self._fresh_until = time.time() + lifetime - EXPIRY_MARGIN_SECONDS
        if self._tokens.has_state_changed:
            shared_cache.set(f"{self._key}:tokens", encrypt(self._tokens.serialize()), timeout=lifetime)

    def _ask_msal(self) -> dict[str, Any]:
        try:
            if self._app is None:
                self._app = self._build_app()
            result: dict[str, Any] = self._app.acquire_token_for_client(scopes=[SCOPE])
        except (requests.RequestException, MsalError) as error:
            # 4xx come back as a dict, 5xx are raised.
            raise login_outage() from error
        except ValueError as error:
            raise unusable_credential(str(error).splitlines()[0]) from error
        if "access_token" not in result:
            raise explain_login_refusal(result)
        return result

    def _build_app(self) -> ConfidentialClientApplication:
        try:
            return ConfidentialClientApplication(
                self._client_id,
                client_credential=to_msal(self._credential),
                authority=f"{LOGIN}/{quote(self._tenant_id, safe='')}",
                token_cache=self._tokens,
                http_client=LoginTransport(),
                instance_discovery=False,
            )
        except ValueError as error:
            if "authority" in str(error):
                raise unknown_tenant() from error
            raise

    def _load_shared_tokens(self) -> None:
        stored = shared_cache.get(f"{self._key}:tokens")
        if stored:
            try:
                self._tokens.deserialize(decrypt(stored))
            except ImproperlyConfigured:
                # Written with a key that has been rotated out: a new token replaces it.
                shared_cache.delete(f"{self._key}:tokens")

    def _remember(self, error: IntegrationError) -> None:
        refusal = [error.message, error.permanent, error.retry_after, error.code]
        shared_cache.set(f"{self._key}:refusal", json.dumps(refusal), timeout=error.retry_after or REFUSAL_SECONDS)

    def _raise_remembered_refusal(self) -> None:
        stored = shared_cache.get(f"{self._key}:refusal")
        if stored:
            message, permanent, retry_after, code = json.loads(stored)
            raise IntegrationError(message, permanent=permanent, retry_after=retry_after, code=code)


@lru_cache(maxsize=1024)
def token_source(tenant_id: str, client_id: str, credential: Credential) -> TokenSource:
    return TokenSource(tenant_id, client_id, credential)
