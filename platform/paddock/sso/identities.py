"""Who somebody is by single sign-on, for whoever asks."""

from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.models import SocialAccount

from paddock.accounts.models import User
from paddock.sso.lookup import find_provider
from paddock.sso.models import IdentityProvider
from paddock.tenancy.models import Organization


@dataclass(frozen=True)
class Identity:
    """What the provider said at the last sign-in."""

    provider: IdentityProvider
    organization: Organization
    subject: str
    email: str
    given_name: str
    family_name: str
    name: str


def find_identity(user: Any) -> Identity | None:
    """None for local accounts, for anonymous visitors, and where the provider is gone.

    An account of single sign-on has one identity, so it belongs to the one organization of its provider.
    """
    if not isinstance(user, User) or user.is_local:
        return None
    account = SocialAccount.objects.filter(user=user).first()
    if account is None:
        return None
    provider = find_provider(account.provider)
    return _describe(provider, account.extra_data) if provider else None


def _describe(provider: IdentityProvider, data: dict[str, Any]) -> Identity:
    texts = {name: str(data.get(name, "")) for name in ("subject", "email", "given_name", "family_name", "name")}
    return Identity(provider=provider, organization=provider.organization, **texts)
