"""Who may open which account with which role, and why not."""

from dataclasses import dataclass

from moto.ssoadmin.models import PermissionSet

from integrations.sandbox.aws.accounts import Portal
from integrations.sandbox.aws.identities import IdentityStore
from integrations.sandbox.aws.sso_admin import backend_of, settle_assignments
from integrations.sandbox.cloud import Cloud


@dataclass(frozen=True)
class Role:
    """One way into an account."""

    account_id: str
    name: str
    relay_state: str


class NoAccessError(Exception):
    """The person cannot open the account; the text says why."""


def roles_of(cloud: Cloud, *, portal_path: str, email: str) -> list[Role]:
    """What the person can open through the portals at this path; NoAccessError when nobody of that name exists."""
    settle_assignments(cloud)
    portals = [portal for portal in cloud.aws.portals.values() if portal.path == portal_path]
    known = [(portal, cloud.aws.identity_stores[portal.identity_store_id]) for portal in portals]
    people = [(portal, store, user_id) for portal, store in known if (user_id := store.find_user(email))]
    if not people:
        raise NoAccessError(
            f"{email} does not exist in IAM Identity Center. If they registered just now, the sync from "
            "the directory has not brought them yet."
        )
    active = [row for row in people if row[1].users[row[2]]["UserStatus"] == "ENABLED"]
    if not active:
        raise NoAccessError(
            f"{email} is disabled in IAM Identity Center, because no assigned group holds them any more."
        )
    return sorted({role for portal, store, user_id in active for role in _roles(portal, store, user_id)}, key=_order)


def find_role(cloud: Cloud, *, portal_path: str, email: str, account_id: str, role_name: str) -> Role:
    """The wanted role, or the first on the account when no name is given. Raises NoAccessError."""
    roles = roles_of(cloud, portal_path=portal_path, email=email)
    for role in roles:
        if role.account_id == account_id and role_name in ("", role.name):
            return role
    if role_name and any(role.account_id == account_id for role in roles):
        raise NoAccessError(f"{email} can open account {account_id}, but not with the role {role_name}.")
    raise NoAccessError(f"{email} is in IAM Identity Center, but in no group that is assigned to account {account_id}.")


def _roles(portal: Portal, store: IdentityStore, user_id: str) -> list[Role]:
    backend = backend_of(portal.instance_arn)
    sets: dict[str, PermissionSet] = {p.permission_set_arn: p for p in backend.permission_sets}
    principals = {user_id} | {m["GroupId"] for m in store.memberships_of_user(user_id).values()}
    return [
        Role(a.target_id, sets[a.permission_set_arn].name, sets[a.permission_set_arn].relay_state or "")
        for a in backend.account_assignments
        if a.principal_id in principals and a.permission_set_arn in sets
    ]


def _order(role: Role) -> tuple[str, str]:
    return role.account_id, role.name
