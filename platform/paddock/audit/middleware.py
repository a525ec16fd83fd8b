"""Every request acts as somebody, and has an id that its answer, its audit entries and its row changes share."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse

from paddock.audit.actors import VISITOR, Actor, Kind, accept_request_id, acting, current_request_id

HEADER = "X-Request-ID"


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = accept_request_id(request.headers.get(HEADER, ""))
        with acting(partial(_find_actor, request), request_id=request_id):
            response = self.get_response(request)
            response.headers[HEADER] = current_request_id()
            return response


def _find_actor(request: HttpRequest) -> Actor:
    """Whoever authenticates a request by other means than a session sets `request.actor`."""
    given: Actor | None = getattr(request, "actor", None)
    user: Any = getattr(request, "user", None)
    session = getattr(request, "operator_session", None)
    if given or user is None or not user.is_authenticated:
        return given or VISITOR
    if session:
        return Actor(Kind.OPERATOR, f"{user.get_username()} (operator)", user_id=user.pk, credential_id=session.pk)
    return Actor(Kind.USER, user.get_username(), user_id=user.pk)
