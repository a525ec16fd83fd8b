"""Single sign-on of the demonstration: Contoso by OpenID Connect, Fabrikam by SAML."""

from typing import Any

from paddock.sso.connecting import describe_oidc, describe_saml, fetch_metadata
from paddock.sso.models import ClaimRule, IdentityProvider
from paddock.tenancy.lookup import find_organization_by_slug
from paddock.tenancy.models import Membership
from paddock.tenancy.scope import organization_scope

ORGANIZERS_GROUP = "race-organizers"
# Who signs in at Fabrikam's provider; Contoso's people are the provider's own.
FABRIKAM_PEOPLE = [
    {
        "subject": "p-1001",
        "email": "flora@fabrikam.example",
        "given_name": "Flora",
        "family_name": "Fischer",
        "groups": [ORGANIZERS_GROUP],
    },
    {"subject": "p-1002", "email": "felix@fabrikam.example", "given_name": "Felix", "family_name": "Frei"},
    {"subject": "p-1003", "email": "fay@fabrikam.example", "given_name": "Fay", "family_name": "Fox"},
]


def seed_of_saml() -> list[dict[str, Any]]:
    return [{"slug": "fabrikam", "name": "Fabrikam sign-in", "people": FABRIKAM_PEOPLE}]


def ensure_oidc(slug: str, *, issuer: str) -> None:
    """The issuer's port may differ from start to start. Raises ProviderUnusable where it does not answer."""
    found = describe_oidc(issuer)
    _ensure(slug, IdentityProvider.Kind.OIDC, "your Contoso account", found | {"issuer": issuer})


def ensure_saml(slug: str, *, metadata_url: str) -> None:
    """Raises ProviderUnusable where the metadata cannot be read."""
    found = describe_saml(fetch_metadata(metadata_url))
    _ensure(slug, IdentityProvider.Kind.SAML, "your Fabrikam account", found | {"metadata_url": metadata_url})


def _ensure(slug: str, kind: IdentityProvider.Kind, name: str, found: dict[str, Any]) -> None:
    organization = find_organization_by_slug(slug)
    if organization is None:
        return
    with organization_scope(organization.pk):
        fixed = {"name": name, "domains": [f"{slug}.example"], "client_id": "paddock", "client_secret": f"of-{slug}"}
        provider, _ = IdentityProvider.objects.update_or_create(
            kind=kind, defaults=found, create_defaults=fixed | found
        )
        ClaimRule.objects.get_or_create(
            provider=provider,
            claim="groups",
            value=ORGANIZERS_GROUP,
            defaults={"role": Membership.Role.ORGANIZER},
        )
