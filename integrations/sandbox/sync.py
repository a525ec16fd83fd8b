"""Entra's provisioning into IAM Identity Center: the regular cycle, its clock, and the push on demand.

Like the real service it sends differences to what it has exported before and never re-reads the target: a membership
that somebody deletes in Identity Center stays deleted, although Entra still has it.
"""

import threading
from dataclasses import dataclass, field
from typing import Literal

from integrations.sandbox.aws.identities import IdentityError, IdentityStore
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph.store import Group, Tenant, User

Result = Literal["Success", "Skipped", "Failure"]

ISSUER = "https://scim.sandbox.example"
_TICK_SECONDS = 0.1


@dataclass(frozen=True)
class PushStep:
    object_id: str
    status: Result
    description: str
    at: float
    reason: str = ""


@dataclass
class Push:
    """Outcome of a push; one step per object. ``reason`` is ``RedundantExport`` when it was in step already."""

    steps: list[PushStep] = field(default_factory=list)

    @property
    def result(self) -> Result:
        statuses = {step.status for step in self.steps}
        if "Failure" in statuses:
            return "Failure"
        return "Success" if "Success" in statuses else "Skipped"


class SyncClock(threading.Thread):
    """Runs every tenant's cycle when it is due."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(name="sync-clock", daemon=True)
        self._cloud = cloud
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(_TICK_SECONDS):
            with self._cloud.lock:
                now = self._cloud.now()
                if self._cloud.knobs.sync_paused or self._cloud.knobs.sync_quarantined:
                    continue
                for tenant in self._cloud.tenants.values():
                    if tenant.job.next_at <= now:
                        run_cycle(self._cloud, tenant)

    def stop(self) -> None:
        self._stopped.set()


def restart_clocks(cloud: Cloud) -> None:
    """The next cycle of every tenant begins one interval from now."""
    for tenant in cloud.tenants.values():
        tenant.job.next_at = cloud.now() + cloud.knobs.sync_interval_seconds


def run_cycle(cloud: Cloud, tenant: Tenant) -> None:
    """Users first, then groups, then memberships; users and groups out of scope last."""
    job = tenant.job
    job.began_at = cloud.now()
    store = _target(cloud, tenant)
    if store is not None:
        groups = _assigned_groups(cloud, tenant)
        scope = {group.id: {user_id for user_id in group.members if user_id in tenant.users} for group in groups}
        for user_id in set().union(*scope.values()):
            _export_user_if_accepted(tenant, store, tenant.users[user_id])
        for group in groups:
            _export_group(tenant, store, group)
            _export_members(tenant, store, group, scope[group.id])
        _retire_groups(tenant, store, set(scope))
        _retire_users(tenant, store, set().union(*scope.values()))
    job.ended_at = cloud.now()
    job.next_at = job.began_at + cloud.knobs.sync_interval_seconds
    cloud.changed.set()


def push_members(cloud: Cloud, tenant: Tenant, group: Group, user_ids: list[str]) -> Push:
    """Export the group and exactly these of its members now."""
    store = _target(cloud, tenant)
    if store is None or group.id not in {assigned.id for assigned in _assigned_groups(cloud, tenant)}:
        return Push([_step(cloud, group.id, "Skipped", "The group is out of scope.", "NotEffectivelyEntitled")])
    existed = tenant.job.exported.groups.get(group.id) in store.groups
    _export_group(tenant, store, group)
    group_step = (
        _step(cloud, group.id, "Skipped", "The group is in step already.", "RedundantExport")
        if existed
        else _step(cloud, group.id, "Success", "The group was created.")
    )
    return Push([group_step] + [_push_member(cloud, tenant, store, group, user_id) for user_id in user_ids])


def push_user(cloud: Cloud, tenant: Tenant, user: User) -> Push:
    """Export one user now, provided that a group brings it into scope."""
    store = _target(cloud, tenant)
    if store is None or not any(user.id in group.members for group in _assigned_groups(cloud, tenant)):
        return Push([_step(cloud, user.id, "Skipped", "The user is out of scope.", "NotEffectivelyEntitled")])
    existed = tenant.job.exported.users.get(user.id) in store.users
    try:
        _export_user(tenant, store, user)
    except IdentityError as error:
        return Push([_step(cloud, user.id, "Failure", error.message, "SystemForCrossDomainIdentityManagementFailure")])
    if existed:
        return Push([_step(cloud, user.id, "Skipped", "The user is in step already.", "RedundantExport")])
    return Push([_step(cloud, user.id, "Success", "The user was created.")])


def _push_member(cloud: Cloud, tenant: Tenant, store: IdentityStore, group: Group, user_id: str) -> PushStep:
    user = tenant.users.get(user_id)
    if user is None or user_id not in group.members:
        return _step(cloud, user_id, "Failure", "The user is not a member of the group.", "NotAMember")
    try:
        target_user = _export_user(tenant, store, user)
        added = _add_membership(tenant, store, group, user_id, target_user)
    except IdentityError as error:
        return _step(cloud, user_id, "Failure", error.message, "SystemForCrossDomainIdentityManagementFailure")
    if added:
        return _step(cloud, user_id, "Success", f"'{user.mail}' was added to '{group.display_name}'.")
    return _step(cloud, user_id, "Skipped", "The membership is in step already.", "RedundantExport")


def _step(cloud: Cloud, object_id: str, status: Result, description: str, reason: str = "") -> PushStep:
    return PushStep(object_id, status, description, cloud.now(), reason)


def _target(cloud: Cloud, tenant: Tenant) -> IdentityStore | None:
    return cloud.aws.identity_stores.get(tenant.target.identity_store_id) if tenant.target else None


def _assigned_groups(cloud: Cloud, tenant: Tenant) -> list[Group]:
    return tenant.assigned_groups(now=cloud.now(), lag=cloud.knobs.consistency_lag_seconds)


def _export_user_if_accepted(tenant: Tenant, store: IdentityStore, user: User) -> None:
    try:
        _export_user(tenant, store, user)
    except IdentityError:
        return  # the target refuses such a user; the cycle goes on and tries again next time


def _export_user(tenant: Tenant, store: IdentityStore, user: User) -> str:
    """Create the user, adopt the one of the same name, or bring it up to date. Returns the target's id."""
    exported = tenant.job.exported.users
    target_id = exported.get(user.id)
    if target_id not in store.users:
        target_id = store.find_user(user.mail)
    attributes = {
        "UserName": user.mail,
        "DisplayName": user.display_name,
        "Name": {"GivenName": user.given_name or "", "FamilyName": user.surname or ""},
        "Emails": [{"Value": user.mail, "Type": "work", "Primary": True}],
        "ExternalIds": [{"Issuer": ISSUER, "Id": user.id}],
        "UserStatus": "ENABLED",
    }
    if target_id is None:
        target_id = store.create_user(attributes)
    else:
        store.update_user(target_id, attributes)
    exported[user.id] = target_id
    return target_id


def _export_group(tenant: Tenant, store: IdentityStore, group: Group) -> str:
    exported = tenant.job.exported.groups
    target_id = exported.get(group.id)
    if target_id not in store.groups:
        target_id = store.find_group(group.display_name) or store.create_group(group.display_name, group.description)
    assert target_id is not None
    store.groups[target_id]["ExternalIds"] = [{"Issuer": ISSUER, "Id": group.id}]
    exported[group.id] = target_id
    return target_id


def _export_members(tenant: Tenant, store: IdentityStore, group: Group, wanted: set[str]) -> None:
    exported = tenant.job.exported
    sent = exported.members.setdefault(group.id, set())
    for user_id in wanted - sent:
        if user_id in exported.users:
            _add_membership(tenant, store, group, user_id, exported.users[user_id])
    for user_id in sent - wanted:
        store.remove_member(exported.groups[group.id], exported.users[user_id])
        sent.discard(user_id)


def _add_membership(tenant: Tenant, store: IdentityStore, group: Group, user_id: str, target_user: str) -> bool:
    """False when it was exported before, whether or not the target still has it."""
    exported = tenant.job.exported
    sent = exported.members.setdefault(group.id, set())
    if user_id in sent:
        return False
    target_group = exported.groups[group.id]
    if store.membership_id(target_group, target_user) is None:
        store.create_membership(target_group, target_user)
    sent.add(user_id)
    return True


def _retire_groups(tenant: Tenant, store: IdentityStore, in_scope: set[str]) -> None:
    exported = tenant.job.exported
    for group_id in set(exported.groups) - in_scope:
        target_group = exported.groups.pop(group_id)
        exported.members.pop(group_id, None)
        if target_group in store.groups:
            store.delete_group(target_group)


def _retire_users(tenant: Tenant, store: IdentityStore, in_scope: set[str]) -> None:
    """Who left the scope is disabled; who was deleted in Entra is deleted."""
    exported = tenant.job.exported
    for user_id in set(exported.users) - in_scope:
        target_user = exported.users[user_id]
        if target_user not in store.users:
            del exported.users[user_id]
        elif user_id in tenant.users:
            store.users[target_user]["UserStatus"] = "DISABLED"
        else:
            store.delete_user(target_user)
            del exported.users[user_id]
