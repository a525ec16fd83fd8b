"""What is in the sandbox right now, for tests and curious people."""

from typing import Any

from integrations.sandbox.aws.identities import IdentityStore
from integrations.sandbox.aws.sso_admin import backend_of, settle_assignments
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph.store import Tenant
from integrations.sandbox.graph.wire import timestamp


def inventory(cloud: Cloud) -> dict[str, Any]:
    """Body of ``/sandbox/state.json``."""
    settle_assignments(cloud)
    return {
        "entra": [_tenant(cloud, tenant) for tenant in cloud.tenants.values()],
        "identity_center": [_identity_center(cloud, store) for store in cloud.aws.identity_stores.values()],
    }


def _tenant(cloud: Cloud, tenant: Tenant) -> dict[str, Any]:
    assigned = {assignment.principal_id for assignment in tenant.assignments.values()}
    groups = [
        {
            "id": group.id,
            "display_name": group.display_name,
            "assigned": group.id in assigned,
            "members": sorted(tenant.users[user_id].mail for user_id in group.members if user_id in tenant.users),
        }
        for group in tenant.groups.values()
    ]
    cycle = {
        "interval_seconds": cloud.knobs.sync_interval_seconds,
        "last_began_at": timestamp(tenant.job.began_at),
        "last_ended_at": timestamp(tenant.job.ended_at),
        "next_at": timestamp(tenant.job.next_at),
    }
    guests = sorted(user.mail for user in tenant.users.values() if user.user_type == "Guest")
    return {
        "tenant_id": tenant.tenant_id,
        "users": len(tenant.users),
        "guests": guests,
        "groups": groups,
        "cycle": cycle,
    }


def _identity_center(cloud: Cloud, store: IdentityStore) -> dict[str, Any]:
    names = {user_id: user["UserName"] for user_id, user in store.users.items()}
    groups = [
        {
            "id": group_id,
            "display_name": group["DisplayName"],
            "members": sorted(names[m["MemberId"]["UserId"]] for m in store.memberships_of_group(group_id).values()),
        }
        for group_id, group in store.groups.items()
    ]
    users = [
        {"id": user_id, "user_name": user["UserName"], "status": user["UserStatus"]}
        for user_id, user in store.users.items()
    ]
    return {
        "account_id": store.account_id,
        "region": store.region,
        "identity_store_id": store.identity_store_id,
        "users": users,
        "groups": groups,
        "memberships": len(store.memberships),
        **_admin(cloud, store),
    }


def _admin(cloud: Cloud, store: IdentityStore) -> dict[str, Any]:
    portal = next((p for p in cloud.aws.portals.values() if p.identity_store_id == store.identity_store_id), None)
    if portal is None:
        return {"instance_arn": None, "permission_sets": [], "assignments": []}
    backend = backend_of(portal.instance_arn)
    permission_sets = {p.permission_set_arn: p for p in backend.permission_sets}
    assignments = [
        {
            "account_id": a.target_id,
            "permission_set": permission_sets[a.permission_set_arn].name,
            "principal_type": a.principal_type,
            "principal": store.groups.get(a.principal_id, {}).get("DisplayName", a.principal_id),
        }
        for a in backend.account_assignments
    ]
    described = [
        {"name": p.name, "arn": arn, "managed_policies": [policy.arn for policy in p.managed_policies]}
        for arn, p in permission_sets.items()
    ]
    return {"instance_arn": portal.instance_arn, "permission_sets": described, "assignments": assignments}
