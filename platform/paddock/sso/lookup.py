"""Finding the identity provider before there is a scope, and within one."""

from paddock.accounts.models import User
from paddock.sso.models import IdentityProvider
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import across_tenants


def find_provider(key: str) -> IdentityProvider | None:
    """With its organization, whose scope is to be entered next."""
    with across_tenants("an identity provider answers to an address that names the provider alone"):
        return IdentityProvider.objects.filter(key=key).select_related("organization").first()


def find_provider_of(user: User) -> IdentityProvider | None:
    """By which somebody comes in who has an account of single sign-on; None where it is gone."""
    return find_provider(user.login.partition(":")[0])


def list_active_providers() -> list[IdentityProvider]:
    """Of the organization in whose scope this is."""
    return list(IdentityProvider.objects.filter(is_active=True))


def find_organization_by_domain(domain: str) -> Organization | None:
    """Whose people have such addresses. Where two organizations say so, neither is to be believed unasked."""
    with across_tenants("an e-mail address may be all that somebody who signs in can say"):
        providers = IdentityProvider.objects.filter(is_active=True, domains__contains=[domain.lower()])
        found = list(Organization.objects.filter(pk__in=providers.values("organization_id"))[:2])
    return found[0] if len(found) == 1 else None
