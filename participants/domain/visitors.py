"""Who somebody signed in is to an organization: a person of its own, or nobody."""

from paddock.accounts.models import User
from paddock.sso.identities import find_identity
from paddock.sso.lookup import list_active_providers
from paddock.tenancy.models import Organization
from participants.domain.ownership import Visitor
from participants.domain.people import find_email_errors, find_name_errors


def can_sign_in() -> bool:
    """Whether the organization in whose scope this is has connected a provider that works."""
    return bool(list_active_providers())


def find_visitor(*, user: User, organization: Organization) -> Visitor | None:
    """What the organization's provider said of somebody. None for whoever signed in elsewhere, or otherwise.

    The organization may have given up the provider or the domain since; then it vouches for the address no longer.
    """
    identity = find_identity(user)
    if identity is None or identity.organization != organization or not identity.provider.is_active:
        return None
    if find_email_errors(identity.email) or identity.email.rpartition("@")[2] not in identity.provider.domains:
        return None
    return Visitor(user, identity.email, _keep_name(identity.given_name), _keep_name(identity.family_name))


def _keep_name(name: str) -> str:
    """A name that cannot be registered is asked for, as if it had not been told."""
    return "" if find_name_errors(name.strip()) else name.strip()
