"""What an identity provider says about a person, in one shape whatever the protocol."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

# Enough for groups of a large company; the rest of the claims is of no use here and is not kept.
MOST_VALUES = 500


@dataclass(frozen=True)
class Claims:
    """`values` holds every claim as a list of texts, which is what rules look at."""

    issuer: str
    subject: str
    email: str = ""
    given_name: str = ""
    family_name: str = ""
    name: str = ""
    authenticated_at: float = 0.0  # when the provider last asked who it is; 0 where it does not say
    values: dict[str, list[str]] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return (self.name or f"{self.given_name} {self.family_name}").strip()[:200]

    @property
    def uid(self) -> str:
        """Issuer and subject are who somebody is. A digest, because a subject may be longer than any column."""
        return hashlib.sha256(f"{self.issuer}\n{self.subject}".encode()).hexdigest()

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]

    def as_data(self) -> dict[str, Any]:
        """What is kept of a person: who they are, and what fills a form. Groups are looked at and forgotten."""
        names = ("issuer", "subject", "email", "given_name", "family_name", "name")
        return {name: getattr(self, name) for name in names}


def first_address(*candidates: Any) -> str:
    """The first of them that is an e-mail address, in lower case."""
    for candidate in candidates:
        address = str(candidate or "").strip().lower()
        try:
            validate_email(address)
        except ValidationError:
            continue
        return address
    return ""


def as_texts(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [str(each) for each in values[:MOST_VALUES] if isinstance(each, str | int | float)]
