"""Whoever owns an organization cannot shut out all of its owners, themselves among them, by one click."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from integrations.sandbox.sign_on.keys import SigningKey
from paddock.accounts.models import User
from paddock.sso.models import IdentityProvider
from paddock.sso.ways_in import NO_WAY_IN
from paddock.tenancy.scope import organization_scope
from tests.admin.forms import read_form
from tests.admin.stage import page
from tests.admin.stage import sign_in as sign_in_as
from tests.sso.crooked import CrookedProvider
from tests.sso.stage import connect, connect_saml
from tests.support.factories import MembershipFactory, UserFactory
from tests.support.single_sign_on import join, sign_in

pytestmark = pytest.mark.django_db
ANN = "ann@contoso.example"
SENT = {"post": "yes", "audit_reason": "Gone"}
# What shuts out everybody who comes in by the provider, and the field that is to say so.
CUTS: dict[str, dict[str, Any]] = {
    "is_active": {"is_active": ""},
    "domains": {"domains": "contoso.test"},
    "issuer": {"issuer": "another", "client_secret": "new"},
}


@pytest.fixture(autouse=True)
def _no_passwords(settings: LazySettings) -> None:
    """As in production: whoever is no operator comes in by single sign-on alone."""
    settings.PASSWORD_SIGN_IN = False


@pytest.fixture
def provider(crooked: CrookedProvider) -> IdentityProvider:
    return connect(issuer=crooked.issuer)


@pytest.fixture
def owner(provider: IdentityProvider) -> Client:
    return sign_in(Client(), own(provider, ANN))


def own(provider: IdentityProvider, email: str, **claims: str) -> User:
    """Somebody who comes in by a provider, and owns its organization."""
    user = join(provider, email, **claims)
    with organization_scope(provider.organization_id):
        MembershipFactory(user=user, role="owner")
    return user


def change(client: Client, provider: IdentityProvider, **typed: Any) -> dict[str, list[str]]:
    """The errors, by field; none where it was saved."""
    answer = client.post(page(provider), read_form(client, page(provider)) | {"audit_reason": "Trying"} | typed)
    return {} if answer.status_code == 302 else dict(answer.context["adminform"].form.errors)


def is_there(provider: IdentityProvider) -> bool:
    with organization_scope(provider.organization_id):
        return IdentityProvider.objects.filter(pk=provider.pk, is_active=True, domains=["contoso.example"]).exists()


@pytest.mark.parametrize("field", CUTS)
def test_the_last_way_in_is_not_changed_away(
    field: str, owner: Client, provider: IdentityProvider, crooked: CrookedProvider
) -> None:
    typed = CUTS[field] | ({"issuer": f"{crooked.issuer}/"} if field == "issuer" else {})
    if field == "issuer":
        crooked.discovery = {"issuer": typed["issuer"]}
    assert change(owner, provider, **typed) == {field: [NO_WAY_IN]}
    assert is_there(provider)
    assert owner.get("/admin/").status_code == 200


def test_the_last_way_in_is_not_disconnected(owner: Client, provider: IdentityProvider) -> None:
    assert NO_WAY_IN in owner.post(page(provider, "delete"), SENT, follow=True).content.decode()
    assert is_there(provider)


def test_saml_is_a_way_in_as_well(key: SigningKey) -> None:
    provider = connect_saml(key)
    owner = sign_in(Client(), own(provider, ANN, issuer=provider.entity_id))
    assert change(owner, provider, name="Company") == {}
    assert change(owner, provider, is_active="") == {"is_active": [NO_WAY_IN]}
    assert is_there(provider)


def test_other_changes_are_free(owner: Client, provider: IdentityProvider) -> None:
    assert change(owner, provider, name="Company", domains="contoso.example\ncontoso.test") == {}


@pytest.mark.parametrize(
    ("way", "is_left"),
    [
        ("another provider", True),
        ("another organization's provider", True),
        ("a provider that is switched off", False),
        ("a provider that has not claimed them", False),
        ("an account that is inactive", False),
        ("a password", False),
        ("a password where they are taken", True),
        ("an operator's password", True),
        ("another provider, as organizer", False),
    ],
)
def test_what_counts_as_a_way_in(
    way: str, is_left: bool, owner: Client, provider: IdentityProvider, settings: LazySettings
) -> None:
    build_way(way, provider, settings)
    assert change(owner, provider, is_active="") == ({} if is_left else {"is_active": [NO_WAY_IN]})
    assert is_there(provider) != is_left


def build_way(way: str, provider: IdentityProvider, settings: LazySettings) -> None:
    organization = None if "organization's" in way else provider.organization
    other = connect("Fabrikam", organization=organization, issuer="https://idp.fabrikam.example")
    user = join(other, "bo@fabrikam.example")
    if "password" in way:
        settings.PASSWORD_SIGN_IN = "taken" in way
        user = User.objects.create_superuser("bo@paddock.example") if "operator" in way else UserFactory()
    with organization_scope(provider.organization_id):
        MembershipFactory(user=user, role="organizer" if "organizer" in way else "owner")
    with organization_scope(other.organization_id):
        if "switched off" in way:
            IdentityProvider.objects.filter(pk=other.pk).update(is_active=False)
        if "not claimed" in way:
            IdentityProvider.objects.filter(pk=other.pk).update(domains=["elsewhere.example"])
    if "inactive" in way:
        User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("deed", ["switch off", "disconnect"])
def test_operators_may(deed: str, owner: Client, provider: IdentityProvider) -> None:
    """They come in by themselves, and let others in."""
    operator = sign_in_as("operator", provider.organization)
    if deed == "disconnect":
        assert operator.post(page(provider, "delete"), SENT).status_code == 302
    else:
        assert change(operator, provider, is_active="") == {}
    assert not is_there(provider)


def test_a_provider_that_nobody_comes_in_by_is_changed_freely(owner: Client, provider: IdentityProvider) -> None:
    other = connect("Fabrikam", organization=provider.organization, issuer=provider.issuer)
    assert change(owner, other, is_active="") == {}
    assert owner.post(page(other, "delete"), SENT).status_code == 302
