"""SAML identity providers of the sandbox, and their people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.sign_on.keys import SigningKey, make_signing_key


@dataclass(frozen=True)
class Person:
    """`subject` is the persistent name id; the rest becomes attributes."""

    subject: str
    email: str
    given_name: str
    family_name: str
    groups: list[str] = field(default_factory=list)

    @property
    def attributes(self) -> dict[str, list[str]]:
        told = {"email": [self.email], "givenName": [self.given_name], "sn": [self.family_name]}
        return told | ({"groups": self.groups} if self.groups else {})


@dataclass
class SamlProvider:
    name: str
    people: dict[str, Person] = field(default_factory=dict)
    key: SigningKey = field(default_factory=make_signing_key)


def put_provider(providers: dict[str, SamlProvider], entry: Mapping[str, Any]) -> None:
    """The key stays over a second seeding, so that what trusts it goes on to. KeyError names a field that lacks."""
    provider = providers.setdefault(entry["slug"], SamlProvider(entry["name"]))
    provider.people |= {each["subject"]: Person(**each) for each in entry.get("people", [])}
