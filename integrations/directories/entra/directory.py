"""Entra ID as a directory."""

from collections.abc import Iterator, Sequence

from integrations.directories.entra import groups, members, users
from integrations.directories.entra.client import GraphClient
from integrations.directories.entra.credentials import EntraConfig
from integrations.directories.entra.users import FoundUser, User
from integrations.directories.protocol import Person
from integrations.errors import IntegrationError


class EntraDirectory:
    def __init__(self, config: EntraConfig) -> None:
        self._config = config
        self._client = GraphClient(config)

    def find_people(self, people: Sequence[Person]) -> dict[str, str | IntegrationError | None]:
        found = users.find_users(self._client, [person.email for person in people])
        return {email: _to_outcome(email, user) for email, user in found.items()}

    def admit_people(self, people: Sequence[Person], *, landing_url: str) -> dict[str, str | IntegrationError]:
        """Invites those as guests whom the directory does not know, without a mail from Microsoft."""
        by_email = {person.email: person for person in people}
        found = users.find_users(self._client, list(by_email))
        strangers = [by_email[email] for email, user in found.items() if user is None]
        guests = {e: (by_email[e], u) for e, u in found.items() if isinstance(u, User) and u.guest and u.enabled}
        known = {email: out for email, user in found.items() if (out := _to_outcome(email, user)) is not None}
        return (
            known
            | users.invite(self._client, strangers, landing_url=landing_url)
            | users.complete_names(self._client, guests)
        )

    def find_group(self, name: str) -> str | None:
        return groups.find_group(self._client, name)

    def is_linked(self, group_id: str) -> bool:
        """Whether the group is assigned to the enterprise application, so that provisioning takes it along."""
        application = self._config.service_principal_id
        return bool(application) and groups.is_assigned_to_application(self._client, group_id, application)

    def ensure_group(self, *, name: str, description: str) -> str:
        """Also assigns the group to the enterprise application, where the configuration names one."""
        group_id = groups.ensure_group(self._client, name=name, description=description)
        if self._config.service_principal_id:
            groups.assign_to_application(self._client, group_id, self._config.service_principal_id)
        return group_id

    def add_members(self, group_id: str, user_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        return members.add_members(self._client, group_id, user_ids)

    def remove_members(self, group_id: str, user_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
        return members.remove_members(self._client, group_id, user_ids)

    def list_members(self, group_id: str) -> Iterator[set[str]]:
        return members.list_members(self._client, group_id)


def _to_outcome(email: str, user: FoundUser) -> str | IntegrationError | None:
    if not isinstance(user, User):
        return user
    return user.id if user.enabled else users.refuse_disabled(email)
