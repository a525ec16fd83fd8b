"""Entra tenants: people, groups, the enterprise application and what its sync has exported so far."""

import uuid
from dataclasses import dataclass, field
from typing import Literal

UserType = Literal["Member", "Guest"]


@dataclass
class User:
    id: str
    mail: str
    user_principal_name: str
    given_name: str | None
    surname: str | None
    display_name: str
    created_at: float
    user_type: UserType = "Member"
    account_enabled: bool = True


@dataclass
class Group:
    """``members`` and ``departed`` hold user id → time of the change, so that lagging reads can show the past."""

    id: str
    display_name: str
    description: str
    mail_nickname: str
    created_at: float
    members: dict[str, float] = field(default_factory=dict)
    departed: dict[str, float] = field(default_factory=dict)

    def add(self, user_id: str, now: float) -> None:
        self.members[user_id] = now
        self.departed.pop(user_id, None)

    def remove(self, user_id: str, now: float) -> None:
        del self.members[user_id]
        self.departed[user_id] = now

    def visible_members(self, *, now: float, lag: float) -> list[str]:
        """Member ids as a read at ``now`` shows them: changes younger than ``lag`` seconds are not seen yet."""
        settled = {user_id for user_id, joined_at in self.members.items() if now - joined_at >= lag}
        leaving = {user_id for user_id, left_at in self.departed.items() if now - left_at < lag}
        return sorted(settled | leaving)


@dataclass(frozen=True)
class AppRoleAssignment:
    id: str
    principal_id: str
    app_role_id: str
    created_at: float


@dataclass(frozen=True)
class SyncTarget:
    """The IAM Identity Center instance that the enterprise application provisions into."""

    account_id: str
    region: str
    identity_store_id: str


@dataclass
class Exported:
    """What the sync has written into the target. It sends differences to this, and never re-reads the target."""

    users: dict[str, str] = field(default_factory=dict)  # Entra user id → Identity Center user id
    groups: dict[str, str] = field(default_factory=dict)  # Entra group id → Identity Center group id
    members: dict[str, set[str]] = field(default_factory=dict)  # Entra group id → Entra user ids


@dataclass
class SyncJob:
    """The provisioning job and its clock, in seconds since the epoch."""

    began_at: float
    ended_at: float
    next_at: float
    exported: Exported = field(default_factory=Exported)


@dataclass
class Tenant:
    tenant_id: str
    client_id: str
    service_principal_id: str
    job_id: str
    job: SyncJob
    client_secret: str = ""
    expired_secrets: set[str] = field(default_factory=set)
    certificate: str = ""
    federated_subject: str = ""
    domains: set[str] = field(default_factory=set)
    target: SyncTarget | None = None
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    assignments: dict[str, AppRoleAssignment] = field(default_factory=dict)
    _by_address: dict[str, str] = field(default_factory=dict)

    @property
    def app_role_id(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.service_principal_id}/User"))

    def put_user(self, user: User) -> None:
        self.users[user.id] = user
        self._by_address[user.mail.lower()] = user.id
        self._by_address[user.user_principal_name.lower()] = user.id

    def drop_user(self, user_id: str, now: float) -> None:
        """Delete the user from the tenant, and with it from every group."""
        user = self.users.pop(user_id)
        self._by_address.pop(user.mail.lower(), None)
        self._by_address.pop(user.user_principal_name.lower(), None)
        for group in self.groups.values():
            if user_id in group.members:
                group.remove(user_id, now)

    def find_user(self, address: str) -> User | None:
        """By mail or user principal name. A tenant holds every address of its domains but ``nobody…@``."""
        user_id = self._by_address.get(address.lower())
        if user_id is not None:
            return self.users[user_id]
        local_part, _, domain = address.lower().rpartition("@")
        if not local_part or domain not in self.domains or local_part.startswith("nobody"):
            return None
        return self._hire(address, local_part, domain)

    def assigned_groups(self, *, now: float, lag: float) -> list[Group]:
        """Groups assigned to the enterprise application long enough to be honoured."""
        honoured = {a.principal_id for a in self.assignments.values() if now - a.created_at >= lag}
        return [group for group in self.groups.values() if group.id in honoured]

    def _hire(self, address: str, local_part: str, domain: str) -> User:
        names = [part.capitalize() for part in local_part.replace("_", ".").replace("-", ".").split(".") if part]
        given_name, surname = names[0], " ".join(names[1:]) or domain.partition(".")[0].capitalize()
        user = User(
            id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.tenant_id}/{address.lower()}")),
            mail=address,
            user_principal_name=address,
            given_name=given_name,
            surname=surname,
            display_name=f"{given_name} {surname}",
            created_at=0.0,
        )
        self.put_user(user)
        return user
