"""People of an identity provider, for tests that are not about the way through it."""

from typing import Any

from django.test import Client

from paddock.accounts.models import User
from paddock.sso.admission import admit
from paddock.sso.claims import Claims
from paddock.sso.models import IdentityProvider
from paddock.tenancy.scope import organization_scope

BACKEND = "paddock.sso.backends.SingleSignOnBackend"


def join(provider: IdentityProvider, email: str, **claims: Any) -> User:
    """The account that a sign-in with these claims leads to."""
    told = {"issuer": provider.issuer, "subject": email, "email": email} | claims
    with organization_scope(provider.organization_id):
        return admit(provider=provider, claims=Claims(**told)).user


def sign_in(client: Client, user: User) -> Client:
    client.force_login(user, backend=BACKEND)
    return client
