"""How long a session lives: so many hours at most, and in the admin no longer than somebody is there."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from paddock.accounts.proof import SIGNED_IN_AT

SEEN_AT = "seen_at"
NOTED_EVERY_SECONDS = 60


class SessionLifetimeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            reason = _find_reason_to_end(request)
            if reason:
                logout(request)
                messages.info(request, f"{reason} Sign in to go on.")
            else:
                _note_presence(request)
        return self.get_response(request)


def _find_reason_to_end(request: HttpRequest) -> str:
    now, signed_in_at = time.time(), float(request.session.get(SIGNED_IN_AT, 0))
    if now - signed_in_at > settings.SESSION_COOKIE_AGE:
        return f"Your session had lasted {settings.SESSION_COOKIE_AGE // 3600} hours, which is the longest."
    seen_at = float(request.session.get(SEEN_AT, signed_in_at))
    if _is_admin(request) and now - seen_at > settings.ADMIN_IDLE_SECONDS:
        return f"You were signed out, because nothing had happened for {settings.ADMIN_IDLE_SECONDS // 60} minutes."
    return ""


def _note_presence(request: HttpRequest) -> None:
    """Pages that look again by themselves are nobody's presence."""
    is_page_itself = request.method == "GET" and "HX-Request" in request.headers
    now = time.time()
    if not is_page_itself and now - float(request.session.get(SEEN_AT, 0)) > NOTED_EVERY_SECONDS:
        request.session[SEEN_AT] = now


def _is_admin(request: HttpRequest) -> bool:
    return request.path_info.startswith("/admin/")
