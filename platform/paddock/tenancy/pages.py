"""A page of the admin is for the organization that it was opened in, and says so when it is sent.

Whoever switches in another tab has the old tab still open. What it sends must not be saved into the new organization:
every form carries its organization beside the token against forgery, and is refused where another one is active.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

FIELD = "page_organization"
HEADER = "X-Page-Organization"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
# These name what they are about, or are about whoever signs in.
FOR_ANY_ORGANIZATION = {"login", "logout", "sign_out_everywhere", "switch_organization"}


def find_page_organization(request: HttpRequest) -> str | None:
    """The slug that forms of this page carry; empty where nobody is acted for, None outside of the admin."""
    match = request.resolver_match
    if match is None or "admin" not in match.app_names:
        return None
    organization = getattr(request, "organization", None)
    return organization.slug if organization else ""


class PageOrganizationMiddleware:
    """Refuses, before any view has run, what comes from a page of another organization."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        active, match = find_page_organization(request), request.resolver_match
        if active is None or request.method in SAFE_METHODS or not request.user.is_authenticated:
            return None
        if match is None or match.url_name in FOR_ANY_ORGANIZATION:
            return None
        opened_in = request.POST.get(FIELD, request.headers.get(HEADER))
        if opened_in is None and getattr(request, "_dont_enforce_csrf_checks", False):
            return None  # where the token that it stands beside is not asked for either
        return None if opened_in == active else _refuse(request, opened_in or "")


def _refuse(request: HttpRequest, opened_in: str) -> HttpResponse:
    names = {each.slug: each.name for each in getattr(request, "organizations", [])}
    active = getattr(request, "organization", None)
    sentence = (
        f"Nothing was saved. This page was opened for {names.get(opened_in, opened_in) or 'no organization'}, "
        f"and now you act for {active or 'none'}."
    )
    if request.headers.get("HX-Request"):
        messages.error(request, sentence)
        return HttpResponseClientRedirect(reverse("admin:index"))
    context = {
        **admin.site.each_context(request),
        "title": "Nothing was saved",
        "sentence": sentence,
        "opened_in": opened_in if opened_in in names else "",
        "opened_in_name": names.get(opened_in, ""),
        "active": active,
    }
    return TemplateResponse(request, "admin/other_organization.html", context, status=409)
