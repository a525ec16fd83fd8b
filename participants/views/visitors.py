"""Who is looking at a page of an organization."""

from typing import cast

from django.http import HttpRequest

from paddock.accounts.models import User
from paddock.tenancy.middleware import TenantRequest
from participants.domain.ownership import Visitor, take_ownership
from participants.domain.visitors import find_visitor


def see_visitor(request: HttpRequest) -> Visitor | None:
    """Who has signed in with a provider of the organization; what their address registered is theirs from now on.

    Whoever signed in elsewhere is nobody here.
    """
    # Asked first, so that answers of organizations that are not there vary by the cookie like all others.
    user, organization = request.user, cast(TenantRequest, request).organization
    if not isinstance(user, User) or organization is None:
        return None
    visitor = find_visitor(user=user, organization=organization)
    if visitor:
        take_ownership(visitor=visitor)
    return visitor
