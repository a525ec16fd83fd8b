"""OAuth 2.0 client credentials (RFC 6749, 4.4): a key's beginning is the client's id, the whole key its secret."""

import base64
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oauthlib.common import Request
from oauthlib.oauth2 import BackendApplicationServer, OAuth2Error, RequestValidator

from paddock.api.keys import find_key, note_use
from paddock.api.throttling import count_use, describe_use
from paddock.api.tokens import SECONDS, list_granted, make_token
from paddock.rates import find_client_address


def _read_credentials(request: Request) -> tuple[str, str]:
    """From the header, as RFC 6749 wants it, or from the form, as it allows."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return request.client_id or "", request.client_secret or ""
    try:
        name, _, secret = base64.b64decode(encoded).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret


class _Clients(RequestValidator):  # type: ignore[misc]
    """What oauthlib asks about clients. Only keys of the request's own organization exist here."""

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        name, secret = _read_credentials(request)
        key = find_key(secret)
        if key is None or name != f"pdk_{key.prefix}":
            return False
        request.client, request.client_id = key, name
        key.client_id = name  # type: ignore[attr-defined]  # oauthlib reads it there
        return True

    def validate_grant_type(self, client_id: str, grant_type: str, *args: Any, **kwargs: Any) -> bool:
        return grant_type == "client_credentials"

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        return list_granted(request.client)

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return set(scopes) <= set(list_granted(client))

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """A token is signed, and so needs no row."""
        note_use(request.client)


_server = BackendApplicationServer(
    _Clients(),
    token_generator=lambda request: make_token(request.client, request.scopes),
    token_expires_in=SECONDS,
)


@method_decorator(csrf_exempt, name="dispatch")
class TokenView(View):
    """Speaks OAuth's own form and errors, and so stands beside the rest of the API."""

    def post(self, request: HttpRequest, organization: str) -> HttpResponse:
        use = count_use(settings.API_RATE_PER_ADDRESS, "api", "address", find_client_address(request))
        if use and not use.is_allowed:
            limits = describe_use(use) | {"Retry-After": str(use.seconds)}
            return JsonResponse({"error": "temporarily_unavailable"}, status=429, headers=limits)
        try:
            headers, body, status = _server.create_token_response(
                request.build_absolute_uri(), "POST", request.body.decode(errors="replace"), dict(request.headers)
            )
        except OAuth2Error as error:  # what is wrong with the request as a whole is raised, not answered
            return HttpResponse(error.json, status=error.status_code, content_type="application/json")
        return HttpResponse(body, status=status, headers=headers)
