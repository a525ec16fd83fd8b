"""What Paddock asks of a directory: the place where people get their event's group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from integrations.errors import IntegrationError


@dataclass(frozen=True)
class Person:
    email: str
    given_name: str
    family_name: str


class Directory(Protocol):
    """Every call may be made again: "already there" and "already gone" are success.

    Calls about several people answer for each of them, keyed by the address or id as given, and never raise
    IntegrationError: a refused credential or an unreachable provider is everybody's outcome. `find_group`,
    `ensure_group` and `list_members` raise it.
    """

    def find_people(self, people: Sequence[Person]) -> dict[str, str | IntegrationError | None]:
        """The object id of each person; None where the directory does not know the address."""

    def admit_people(self, people: Sequence[Person], *, landing_url: str) -> dict[str, str | IntegrationError]:
        """Makes the people known to the directory, without any mail from the provider; their object ids."""

    def find_group(self, name: str) -> str | None:
        """The id of the group of that name; None where there is none. Raises IntegrationError."""

    def ensure_group(self, *, name: str, description: str) -> str:
        """The id of the group of that name, which is created if need be."""

    def add_members(self, group_id: str, user_ids: Sequence[str]) -> dict[str, IntegrationError | None]: ...

    def remove_members(self, group_id: str, user_ids: Sequence[str]) -> dict[str, IntegrationError | None]: ...

    def list_members(self, group_id: str) -> Iterator[set[str]]:
        """Object ids of the group's members, read now, page by page."""
