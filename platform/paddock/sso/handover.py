"""What the administrator of an identity provider has to be told."""

from typing import NamedTuple

from django.urls import reverse

from paddock.sso.addresses import (
    absolute,
    assertion_consumer,
    own_entity_id,
    redirect_uri,
    sign_in_path,
    single_logout,
)
from paddock.sso.models import IdentityProvider


class Value(NamedTuple):
    title: str
    value: str
    note: str = ""


def list_values(provider: IdentityProvider) -> list[Value]:
    people = Value(
        "Where your people sign in",
        absolute(sign_in_path(provider.organization.slug)),
        "To test the connection, and for organizers. Participants come from their event's page.",
    )
    return [*(_of_oidc(provider) if provider.is_oidc else _of_saml(provider)), people]


def _of_oidc(provider: IdentityProvider) -> list[Value]:
    return [
        Value("Redirect URI", redirect_uri(provider), "With Entra ID: App registration, platform Web."),
        Value("After sign-out (optional)", absolute(reverse("sso:signed_out"))),
        Value("Scopes", provider.scopes),
    ]


def _of_saml(provider: IdentityProvider) -> list[Value]:
    return [
        Value("Entity id (audience)", own_entity_id(provider), "It is also the address of our metadata."),
        Value("Assertion consumer service (reply URL)", assertion_consumer(provider), "By HTTP-POST."),
        Value("Single logout service (optional)", single_logout(provider), "By HTTP-Redirect."),
        Value(
            "Attributes",
            "email, givenName, sn, groups",
            "The name id must be persistent: it is who somebody is. An address may change hands.",
        ),
    ]
