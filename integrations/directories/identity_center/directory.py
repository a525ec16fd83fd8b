"""IAM Identity Center: what it knows about access, and as a directory of its own."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from integrations.directories.identity_center import groups, people, permissions, unassignment
from integrations.directories.identity_center.client import IdentityCenterClient
from integrations.directories.identity_center.config import IdentityCenterConfig
from integrations.directories.protocol import Person
from integrations.errors import IntegrationError

Item = TypeVar("Item")
Result = TypeVar("Result")


class IdentityCenter:
    def __init__(self, config: IdentityCenterConfig) -> None:
        self._client = IdentityCenterClient(config)

    # Reading what is there. These raise IntegrationError.

    def find_group(self, name: str) -> str | None:
        return groups.find_group(self._client, name)

    def find_users(self, emails: Sequence[str]) -> dict[str, str]:
        """User ids of those who are known, keyed by the address as given; sought by sign-in name and by address."""
        return people.find_users(self._client, emails)

    def list_members(self, group_id: str) -> Iterator[set[str]]:
        """User ids, a page of up to a hundred at a time."""
        return groups.list_members(self._client, group_id)

    def is_member(self, user_id: str, group_id: str) -> bool:
        return groups.is_member(self._client, user_id, group_id)

    def is_assigned(self, *, permission_set_arn: str, account_id: str, group_id: str) -> bool:
        return permissions.is_assigned(self._client, permission_set_arn, account_id, group_id)

    def see_permission_set(self, name: str) -> permissions.SeenPermissionSet | None:
        """None where there is none of that name."""
        return permissions.see_permission_set(self._client, name)

    # What an event needs. These look before they create, and raise IntegrationError.

    def ensure_group(self, *, name: str, description: str) -> str:
        return groups.ensure_group(self._client, name=name, description=description)

    def ensure_permission_set(
        self,
        *,
        name: str,
        managed_policy_arns: Sequence[str],
        session_duration_seconds: int,
        relay_state: str,
        description: str,
    ) -> str:
        """The ARN of the permission set, which holds these policies at least."""
        wanted = permissions.PermissionSet(
            name, tuple(managed_policy_arns), session_duration_seconds, relay_state, description
        )
        return permissions.ensure_permission_set(self._client, wanted)

    def ensure_assignment(self, *, permission_set_arn: str, account_id: str, group_id: str) -> bool:
        """True when the assignment is in place, False while AWS works on it; never waits for it."""
        return permissions.ensure_assignment(self._client, permission_set_arn, account_id, group_id)

    def remove_assignment(self, *, permission_set_arn: str, account_id: str, group_id: str) -> bool:
        """True when it is read back as gone, False while AWS works on it; never waits for it."""
        return unassignment.remove_assignment(self._client, permission_set_arn, account_id, group_id)

    # As a directory.

    def find_people(self, people_: Sequence[Person]) -> dict[str, str | IntegrationError | None]:
        emails = [person.email for person in people_]
        try:
            found = self.find_users(emails)
        except IntegrationError as error:
            return dict.fromkeys(emails, error)
        return {email: found.get(email) for email in emails}

    def admit_people(self, people_: Sequence[Person], *, landing_url: str) -> dict[str, str | IntegrationError]:
        """Creates the users who are missing. `landing_url` has no use here: Identity Center invites nobody."""
        by_email = {person.email: person for person in people_}
        known = {email: user for email, user in self.find_people(people_).items() if user is not None}
        strangers = [email for email in by_email if email not in known]
        return known | _serve(strangers, lambda email: people.create_user(self._client, by_email[email]))

    def add_members(self, group_id: str, user_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        return _serve(user_ids, lambda user_id: groups.add_member(self._client, group_id, user_id))

    def remove_members(self, group_id: str, user_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        return _serve(user_ids, lambda user_id: groups.remove_member(self._client, group_id, user_id))


# Refusals that concern one person; whatever else is refused would be refused to the next one too.
_PERSONAL = {"ConflictException", "ResourceNotFoundException", "ValidationException", "Invalid"}


def _serve(items: Sequence[str], work: Callable[[str], Result]) -> dict[str, Result | IntegrationError]:
    outcomes: dict[str, Result | IntegrationError] = {}
    for item in dict.fromkeys(items):
        try:
            outcomes[item] = work(item)
        except IntegrationError as error:
            outcomes[item] = error
            if error.code not in _PERSONAL:
                return dict.fromkeys(items, error) | outcomes
    return outcomes
