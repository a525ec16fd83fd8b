"""Entering the scope of a request: by its address on the portal and the API, by who signed in inside the admin."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from paddock.accounts.models import User
from paddock.tenancy.lookup import find_organization_by_slug, list_memberships
from paddock.tenancy.models import Membership, OperatorSession, Organization
from paddock.tenancy.operator_sessions import find_operator_session
from paddock.tenancy.scope import organization_scope

SESSION_KEY = "organization"
OPERATOR_SESSION_KEY = "operator_session"


@dataclass(frozen=True)
class Seat:
    """Whom a request acts for, in which role, and whom else whoever signed in could act for."""

    organization: Organization | None = None
    membership: Membership | None = None
    choices: list[Organization] = field(default_factory=list)
    operator_session: OperatorSession | None = None


class TenantRequest(HttpRequest):
    """A request that went through the middleware. Operators have a session in an organization, and no membership."""

    organization: Organization | None
    membership: Membership | None
    organizations: list[Organization]
    operator_session: OperatorSession | None


class TenantMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: TenantRequest) -> HttpResponse:
        seat = _find_seat(request)
        request.organization, request.membership, request.organizations = (
            seat.organization,
            seat.membership,
            seat.choices,
        )
        request.operator_session = seat.operator_session
        if request.organization is None:
            return self.get_response(request)
        with organization_scope(request.organization.pk):
            return self.get_response(request)


def _find_seat(request: HttpRequest) -> Seat:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return Seat()
    if "admin" in match.app_names:
        return _find_seat_of_user(request)
    slug = match.kwargs.get("organization")
    return Seat(find_organization_by_slug(slug) if slug else None)


def _find_seat_of_user(request: HttpRequest) -> Seat:
    """The organization chosen last, else the first one. A choice that is not theirs counts for nothing."""
    if not isinstance(request.user, User):
        return Seat()
    if request.user.is_superuser:
        return _find_seat_of_operator(request, request.user)
    memberships = {each.organization: each for each in list_memberships(request.user)}
    chosen = request.session.get(SESSION_KEY)
    organization = next((each for each in memberships if each.slug == chosen), next(iter(memberships), None))
    return Seat(organization, memberships.get(organization) if organization else None, list(memberships))


def _find_seat_of_operator(request: HttpRequest, operator: User) -> Seat:
    """Operators act for the organization of their session, and for none without one."""
    session_id = request.session.get(OPERATOR_SESSION_KEY)
    session = find_operator_session(operator=operator, session_id=session_id)
    return Seat(session.organization, operator_session=session) if session else Seat()
