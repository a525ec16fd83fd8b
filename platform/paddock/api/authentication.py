"""Who calls: a key of the organization that the address names, or nobody."""

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from paddock.api.keys import note_use
from paddock.api.models import ApiKey
from paddock.api.problems import Problem
from paddock.api.scopes import READ, WRITE, grants
from paddock.api.throttling import count_use
from paddock.api.tokens import find_caller
from paddock.audit.actors import Actor, Kind
from paddock.rates import find_client_address

SAFE = ("GET", "HEAD", "OPTIONS")


class KeyAuthentication(BaseAuthentication):
    """Only keys of the request's own organization exist here: row-level security hides all others."""

    def authenticate(self, request: Request) -> tuple[ApiKey, ApiKey] | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        key = find_caller(token.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            self._count_failure(request)
            raise AuthenticationFailed
        note_use(key)
        # The audit trail asks the plain request.
        request._request.actor = Actor(Kind.KEY, f"Key “{key.name}”", credential_id=key.pk)  # type: ignore[attr-defined]  # noqa: SLF001
        return key, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Paddock"'

    def _count_failure(self, request: Request) -> None:
        use = count_use(settings.API_RATE_PER_ADDRESS, "api", "address", find_client_address(request))
        if use and not use.is_allowed:
            raise Throttled(wait=use.seconds)


class HasScope(BasePermission):
    """`view.area` and the method say which scope it takes; `view.open_methods` take none, nor a key."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.auth is None:
            return request.method in getattr(view, "open_methods", ())
        area, verb = view.area, READ if request.method in SAFE else WRITE  # type: ignore[attr-defined]
        if not grants(request.auth.scopes, area=area, verb=verb):  # type: ignore[union-attr]
            sentence = f"This key lacks the scope “{area.scope(verb)}”. An owner can give it in the admin, at API keys."
            raise Problem(sentence, status_code=403, code="scope_missing", more={"scope": area.scope(verb)})
        return True
