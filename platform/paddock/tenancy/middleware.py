"""Entering the scope of a request: by its address on the portal and the API, by who signed in inside the admin."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from paddock.accounts.models import User
from paddock.tenancy.lookup import find_organization_by_slug, list_memberships, list_organizations
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import organization_scope

SESSION_KEY = "organization"


class TenantRequest(HttpRequest):
    """A request that went through the middleware."""

    organization: Organization | None
    membership: Membership | None


class TenantMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: TenantRequest) -> HttpResponse:
        request.organization, request.membership = _find_tenant(request)
        if request.organization is None:
            return self.get_response(request)
        with organization_scope(request.organization.pk):
            return self.get_response(request)


def _find_tenant(request: HttpRequest) -> tuple[Organization | None, Membership | None]:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None, None
    if "admin" in match.app_names:
        return _find_tenant_of_user(request)
    slug = match.kwargs.get("organization")
    return (find_organization_by_slug(slug) if slug else None), None


def _find_tenant_of_user(request: HttpRequest) -> tuple[Organization | None, Membership | None]:
    if not isinstance(request.user, User):
        return None, None
    chosen = request.session.get(SESSION_KEY)
    if request.user.is_superuser:
        organizations = list_organizations()
        return next((each for each in organizations if each.slug == chosen), next(iter(organizations), None)), None
    memberships = list_memberships(request.user)
    membership = next((m for m in memberships if m.organization.slug == chosen), next(iter(memberships), None))
    return (membership.organization, membership) if membership else (None, None)
