"""Finding the tenant before there is a scope."""

from paddock.accounts.models import User
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import across_tenants


def find_organization_by_slug(slug: str) -> Organization | None:
    with across_tenants("an address names a tenant before anyone acts for it"):
        return Organization.objects.filter(slug=slug).first()


def list_memberships(user: User) -> list[Membership]:
    """All memberships of a user, by the name of the organization."""
    with across_tenants("a person who signs in may work for several tenants"):
        return list(Membership.objects.filter(user=user).select_related("organization").order_by("organization__name"))
