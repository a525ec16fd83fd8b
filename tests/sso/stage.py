"""Organizations with a sign-in each, and browsers that go through it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from integrations.sandbox.sign_on.assertions import Answer, sign_answer
from integrations.sandbox.sign_on.keys import SigningKey
from paddock.sso.addresses import assertion_consumer, own_entity_id
from paddock.sso.models import IdentityProvider
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from tests.support.factories import IdentityProviderFactory, OrganizationFactory

HOST = "localhost:8000"  # of SITE_URL: there providers send people back to
ENTITY = "https://idp.contoso.example/metadata"


def open_browser() -> Client:
    return Client(headers={"host": HOST})


def connect(mark: str = "Contoso", organization: Organization | None = None, **fields: Any) -> IdentityProvider:
    owner = organization or OrganizationFactory(name=f"{mark} Racing")
    with organization_scope(owner.pk):
        known = {"name": f"{mark} sign-in", "domains": [f"{mark.lower()}.example"], "organization": owner}
        provider: IdentityProvider = IdentityProviderFactory(**known | fields)
    return provider


def connect_saml(key: SigningKey, mark: str = "Contoso", **fields: Any) -> IdentityProvider:
    known = {
        "kind": IdentityProvider.Kind.SAML,
        "entity_id": ENTITY,
        "sso_url": "https://idp.contoso.example/sso",
        "certificates": [key.certificate_body],
    }
    return connect(mark, **known | fields)


def start(browser: Client, provider: IdentityProvider, next_path: str = "", **query: str) -> str:
    """The address at the provider that a click on the button leads to."""
    address = f"/sign-in/{provider.organization.slug}/{provider.key}/"
    answer = browser.get(address, query | ({"next": next_path} if next_path else {}))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.url)


def read_query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def answer_saml(provider: IdentityProvider, asked: str, **changes: Any) -> Answer:
    told: dict[str, Any] = {
        "issuer": provider.entity_id,
        "audience": own_entity_id(provider),
        "recipient": assertion_consumer(provider),
        "asked": asked,
        "name_id": "p-1",
        "attributes": {
            "email": ["ann@contoso.example"],
            "givenName": ["Ann"],
            "sn": ["Archer"],
            "groups": ["racers", "marshals"],
        },
    }
    return Answer(**told | changes)


def sign(answer: Answer, key: SigningKey) -> str:
    return sign_answer(answer, key)


def post_saml(browser: Client, provider: IdentityProvider, response: str) -> Any:
    """As the provider's page does: a form from another site, then the redirect."""
    posted = browser.post(f"/sso/saml/{provider.key}/acs/", {"SAMLResponse": response, "RelayState": ""})
    assert posted.status_code == 302, posted.content.decode()
    return browser.get(posted.url)


def is_signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session
