"""People who come to an organization's pages by its identity provider."""

from typing import Any

from django.test import Client

from paddock.accounts.models import User
from paddock.sso.models import IdentityProvider
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from tests.support.factories import IdentityProviderFactory
from tests.support.single_sign_on import join, sign_in

ANN = {"subject": "ann", "email": "ann@contoso.example", "given_name": "Ann", "family_name": "Lee"}


def add_provider(organization: Organization) -> IdentityProvider:
    """The organization's one provider."""
    with organization_scope(organization.pk):
        return IdentityProvider.objects.first() or IdentityProviderFactory()


def enter(client: Client, organization: Organization, **claims: Any) -> User:
    """Somebody signs in with the organization's provider: Ann, unless told otherwise."""
    user = join(add_provider(organization), **ANN | claims)
    sign_in(client, user)
    return user


def session_of(client: Client) -> dict[str, Any]:
    """What a browser needs to go on as this client: `open_page(path, storage_state=…)`."""
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "domain": "localhost", "path": "/"}
    kept = {"expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}
    return {"cookies": [cookie | kept], "origins": []}
