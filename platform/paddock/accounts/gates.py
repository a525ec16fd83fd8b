"""What stands before the admin's pages: the door, a second factor for operators, a fresh proof before what hurts."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from paddock.accounts.proof import SECOND_FACTOR, is_fresh
from paddock.accounts.second_factor import has_second_factor
from paddock.sso.addresses import find_own_path, with_next
from paddock.tenancy.pages import SAFE_METHODS

# Open before anybody has signed in, or shown a second factor.
AT_THE_DOOR = {"login", "logout", "second_factor", "set_up_second_factor", "sign_out_everywhere", "jsi18n"}

# Pages of what cannot be undone, or decides who may do what. Nobody who found a screen unlocked gets through them.
DESTRUCTIVE = {
    "events_event_end_event",
    "events_event_bulk_end_event",
    "participants_registration_remove_people",
    "participants_registration_bulk_remove_people",
    "events_event_delete_all_models",
    "participants_registration_delete_all_models",
    "participants_registration_bulk_delete_all_models",
    "participants_racerprofile_delete_models",
    "participants_trainedmodel_delete_models",
    "participants_trainedmodel_bulk_delete_models",
    "events_sponsoringaccount_deactivate_mode",
    "events_sponsoringaccount_bulk_deactivate_mode",
    "tenancy_membership_change",
    "tenancy_membership_delete",
    "tenancy_operatorsession_add",
    "sso_identityprovider_add",
    "sso_identityprovider_change",
    "sso_identityprovider_delete",
    "api_apikey_add",
    "accounts_user_add",
    "accounts_user_change",
    "accounts_user_reset_second_factor",
    "auth_user_password_change",
    "password_change",
}
# The same ones, where they begin in a list's menu.
DESTRUCTIVE_ACTIONS = {"end_event", "remove_people", "delete_all_models", "delete_models", "deactivate_mode"}
DESTRUCTIVE_ACTIONS |= {"delete_selected"}

SENT_TOO_LATE = (
    "Nothing was done yet: it is a while since you signed in, and this cannot be undone. "
    "Show that it is still you, then send it again. Going back in your browser brings back what you typed."
)

SENT_SIGNED_OUT = (
    "Nothing was done: you were signed out meanwhile. Sign in, then send it again. "
    "Going back in your browser brings back what you typed."
)


class GateMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match, user = request.resolver_match, request.user
        if match is None or "admin" not in match.app_names:
            return None
        name = match.url_name or ""
        if not user.is_authenticated:
            return None if name in AT_THE_DOOR or _opens_a_page(request) else _lead_to_door(request)
        if name not in AT_THE_DOOR and _lacks_second_factor(request):
            return _lead_to_second_factor(request)
        if not _is_destructive(request, name) or is_fresh(request):
            return None
        return _lead_to_proof(request)


def _opens_a_page(request: HttpRequest) -> bool:
    """The admin itself leads such a request to the door, and back to the page."""
    return request.method in SAFE_METHODS and not request.headers.get("HX-Request")


def _lead_to_door(request: HttpRequest) -> HttpResponse:
    """A part of a page would show the door within the page, and what was sent could not be opened afterwards."""
    if request.method not in SAFE_METHODS:
        messages.warning(request, SENT_SIGNED_OUT)
    return _lead_to(request, "login")


def _lacks_second_factor(request: HttpRequest) -> bool:
    is_operator = getattr(request.user, "is_superuser", False)
    return settings.OPERATOR_MFA_REQUIRED and is_operator and not request.session.get(SECOND_FACTOR)


def _lead_to_second_factor(request: HttpRequest) -> HttpResponse:
    """Whoever has one and got here without it came in by another way than the door."""
    where = "login" if has_second_factor(request.user) else "set_up_second_factor"  # type: ignore[arg-type]
    if where == "login":
        request.session.flush()
    return HttpResponseRedirect(with_next(reverse(f"admin:{where}"), _find_page(request)))


def _is_destructive(request: HttpRequest, name: str) -> bool:
    if name in DESTRUCTIVE:
        return True
    return (
        request.method == "POST" and name.endswith("_changelist") and request.POST.get("action") in DESTRUCTIVE_ACTIONS
    )


def _lead_to_proof(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        messages.warning(request, SENT_TOO_LATE)
    return _lead_to(request, "prove_again")


def _lead_to(request: HttpRequest, gate: str) -> HttpResponse:
    """The whole browser, and back from there."""
    address = with_next(reverse(f"admin:{gate}"), _find_page(request))
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def _find_page(request: HttpRequest) -> str:
    """The page that the person was on, or was about to open."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.get_full_path()
    seen = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    return find_own_path(seen) or reverse("admin:index")
