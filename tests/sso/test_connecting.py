"""Connecting a provider in the admin: what is typed in is looked up, and the page says what to mend."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from events.models import ClaimRuleEvent, Event
from integrations.sandbox.sign_on.keys import SigningKey
from paddock.audit.models import AuditEntry
from paddock.sso.models import ClaimRule, IdentityProvider
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import organization_scope
from tests.admin.forms import read_form
from tests.admin.stage import page, sign_in
from tests.sso.crooked import CrookedProvider
from tests.sso.stage import ENTITY, connect
from tests.support.factories import EventFactory, MembershipFactory, OrganizationFactory
from tests.support.single_sign_on import join

pytestmark = pytest.mark.django_db
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


@pytest.fixture
def contoso() -> Organization:
    return OrganizationFactory(name="Contoso Racing")


@pytest.fixture
def owner(contoso: Organization) -> Client:
    return sign_in("owner", contoso)


def write_metadata(key: SigningKey, *, certificate: str | None = None, sign_in_at: str = "https://idp.test/sso") -> str:
    keys = "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    body = keys.format(key.certificate_body if certificate is None else certificate)
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ENTITY}"'
        ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><md:IDPSSODescriptor'
        ' protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f'<md:KeyDescriptor use="signing">{body}</md:KeyDescriptor>'
        f'<md:SingleSignOnService Binding="{BINDING}" Location="{sign_in_at}"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


def fill_in(owner: Client, **typed: Any) -> dict[str, Any]:
    form = read_form(owner, page(IdentityProvider, "add"))
    return form | {"name": "Company sign-in", "domains": "@Contoso.example\ncontoso.test"} | typed


def add(owner: Client, **typed: Any) -> dict[str, list[str]]:
    """The errors, by field; none where it was saved."""
    answer = owner.post(page(IdentityProvider, "add"), fill_in(owner, **typed))
    return {} if answer.status_code == 302 else dict(answer.context["adminform"].form.errors)


def load(organization: Organization) -> IdentityProvider:
    with organization_scope(organization.pk):
        return IdentityProvider.objects.get()


class TestOidc:
    def test_it_begins_inactive_and_shows_what_the_other_side_needs(
        self, owner: Client, contoso: Organization, crooked: CrookedProvider
    ) -> None:
        assert add(owner) == {}
        provider = load(contoso)
        assert (provider.is_active, provider.domains) == (False, ["contoso.example", "contoso.test"])
        content = owner.get(page(provider)).content.decode()
        assert f"http://localhost:8000/sso/oidc/{provider.key}/callback/" in content
        form = read_form(owner, page(provider))
        typed = {"issuer": crooked.issuer, "client_id": "paddock", "client_secret": "s3cret-typed", "is_active": "on"}
        assert owner.post(page(provider), form | typed).status_code == 302
        provider = load(contoso)
        assert (provider.is_active, provider.client_secret) == (True, "s3cret-typed")
        with organization_scope(contoso.pk):
            told = str(list(AuditEntry.objects.filter(object_type="identityprovider").values_list("action", "changes")))
        assert "added the identity provider" in told
        assert "••••" in told
        assert "s3cret-typed" not in told

    @pytest.mark.parametrize(
        ("issuer", "sentence"),
        [
            ("{issuer}/gone", "does not answer with a discovery document"),
            ("{issuer}/", "Enter exactly that as the issuer"),
            ("contoso", "is no address"),
            ("file:///etc/passwd", "is no address"),
        ],
    )
    def test_an_issuer_that_is_none(self, issuer: str, sentence: str, owner: Client, crooked: CrookedProvider) -> None:
        errors = add(owner, issuer=issuer.format(issuer=crooked.issuer), client_id="p", client_secret="s")
        assert sentence in errors["issuer"][0]

    def test_a_discovery_document_with_a_gap(self, owner: Client, crooked: CrookedProvider) -> None:
        crooked.discovery = {"jwks_uri": ""}
        assert "names no jwks_uri" in add(owner, issuer=crooked.issuer)["issuer"][0]

    def test_groups_are_asked_for_where_they_are_a_scope(
        self, owner: Client, contoso: Organization, crooked: CrookedProvider
    ) -> None:
        crooked.discovery = {"scopes_supported": ["openid", "groups"]}
        assert add(owner, issuer=crooked.issuer) == {}
        assert load(contoso).scopes == "openid profile email groups"

    def test_what_is_missing_or_wrong(self, owner: Client, crooked: CrookedProvider) -> None:
        assert "issuer, client id and client secret first" in add(owner, is_active="on")["is_active"][0]
        assert "not an e-mail domain" in add(owner, domains="contoso")["domains"][0]
        assert add(owner) == {}
        assert "another one with this name" in add(owner)["name"][0]

    def test_a_stored_secret_is_not_sent_to_another_issuer(
        self, owner: Client, contoso: Organization, crooked: CrookedProvider
    ) -> None:
        add(owner, client_id="p", client_secret="s3cret-typed")
        address = page(load(contoso))
        answer = owner.post(address, read_form(owner, address) | {"issuer": crooked.issuer})
        assert "Enter the secret again" in str(answer.context["adminform"].form.errors["client_secret"])

    def test_nobody_else_makes_paddock_call(self, contoso: Organization, crooked: CrookedProvider) -> None:
        client = sign_in("organizer", contoso)
        typed = {"kind": "oidc", "issuer": crooked.issuer}
        assert client.post(page(IdentityProvider, "add"), typed).status_code == 403
        assert crooked.asked == []


class TestSaml:
    def upload(self, owner: Client, metadata: str) -> dict[str, list[str]]:
        return add(owner, kind="saml", metadata_file=SimpleUploadedFile("m.xml", metadata.encode()), is_active="on")

    def test_metadata_by_upload(self, owner: Client, contoso: Organization, key: SigningKey) -> None:
        assert self.upload(owner, write_metadata(key)) == {}
        provider = load(contoso)
        assert (provider.entity_id, provider.sso_url) == (ENTITY, "https://idp.test/sso")
        content = owner.get(page(provider)).content.decode()
        for value in ("acs/", "metadata/", "sls/"):
            assert f"http://localhost:8000/sso/saml/{provider.key}/{value}" in content
        assert "1 certificate for signatures" in content
        metadata = owner.get(f"/sso/saml/{provider.key}/metadata/")
        assert metadata.headers["Content-Type"] == "application/samlmetadata+xml"
        assert f'entityID="http://localhost:8000/sso/saml/{provider.key}/metadata/"' in metadata.content.decode()
        with organization_scope(contoso.pk):
            assert ENTITY in str(AuditEntry.objects.get(object_type="identityprovider").changes)

    def test_metadata_that_is_none(self, owner: Client, key: SigningKey) -> None:
        cases = {
            "nonsense": "This is no SAML metadata",
            "<x/>": "describes no identity provider",
            '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>': "This is no SAML metadata",
            write_metadata(key, certificate="AAAA"): "A certificate of the metadata cannot be read",
            write_metadata(key, certificate=""): "This is no SAML metadata",
            write_metadata(key, sign_in_at="javascript:alert(1)"): "is no address",
            "x" * 1_000_001: "larger than 1 MB",
        }
        for metadata, sentence in cases.items():
            assert sentence in self.upload(owner, metadata)["metadata_file"][0]

    def test_an_address_that_is_none(self, owner: Client, crooked: CrookedProvider) -> None:
        errors = add(owner, kind="saml", metadata_url=f"{crooked.issuer}/gone")
        assert "The metadata address does not answer" in errors["metadata_url"][0]
        errors = add(owner, kind="saml", is_active="on")
        assert "Give the metadata first" in errors["is_active"][0]


def test_roles_by_claim_with_chosen_events(owner: Client, contoso: Organization) -> None:
    with organization_scope(contoso.pk):
        cup = EventFactory(title="Cup")
    with organization_scope(OrganizationFactory().pk):
        foreign = EventFactory(title="Foreign Cup")
    add(owner)
    provider = load(contoso)
    form = read_form(owner, page(provider)) | {
        "rules-TOTAL_FORMS": "1",
        "rules-0-claim": "groups",
        "rules-0-value": "crew",
        "rules-0-role": "organizer",
        "rules-0-id": "",
        "rules-0-provider": str(provider.pk),
    }
    assert owner.post(page(provider), form | {"rules-0-events": [str(foreign.pk)]}).status_code == 200
    assert owner.post(page(provider), form | {"rules-0-role": "owner"}).status_code == 200
    assert owner.post(page(provider), form | {"rules-0-events": [str(cup.pk)]}).status_code == 302
    with organization_scope(contoso.pk):
        rule = ClaimRule.objects.get()
        assert not rule.all_events
        assert list(Event.objects.filter(pk__in=ClaimRuleEvent.objects.values("event_id"))) == [cup]
        actions = list(AuditEntry.objects.filter(object_type="claimrule").values_list("action", flat=True))
    assert sorted(actions) == ["added the role by claim", "chose events for the role by claim"]
    assert "Foreign Cup" not in owner.get(page(provider)).content.decode()


def test_disconnecting(owner: Client, contoso: Organization) -> None:
    add(owner)
    assert owner.post(page(load(contoso), "delete"), {"post": "yes", "audit_reason": "Gone"}).status_code == 302
    with organization_scope(contoso.pk):
        assert not IdentityProvider.objects.exists()
        assert AuditEntry.objects.filter(action="deleted the identity provider").exists()


def test_disconnecting_leaves_an_owner(contoso: Organization) -> None:
    """By an operator, whom no membership of their own holds back."""
    operator, provider = sign_in("operator", contoso), connect(organization=contoso)
    with organization_scope(contoso.pk):
        ClaimRule.objects.create(provider=provider, claim="groups", value="boss", role="owner")
    join(provider, "ann@contoso.example", values={"groups": ["boss"]})
    sent = {"post": "yes", "audit_reason": "Gone"}
    answer = operator.post(page(provider, "delete"), sent, follow=True)
    assert "Invite somebody as an owner first" in answer.content.decode()
    with organization_scope(contoso.pk):
        assert list(Membership.objects.values_list("role", flat=True)) == ["owner"]
        assert not AuditEntry.objects.filter(action__startswith="deleted").exists()
        MembershipFactory(role="owner")
    assert operator.post(page(provider, "delete"), sent).status_code == 302
    with organization_scope(contoso.pk):
        assert not IdentityProvider.objects.exists()
