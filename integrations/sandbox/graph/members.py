"""Group members: one by one, twenty at once (all or nothing), removal, and the pages that list them."""

import re
from typing import Any

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph import groups, users
from integrations.sandbox.graph.paging import page
from integrations.sandbox.graph.store import Group, Tenant
from integrations.sandbox.graph.wire import GraphAnswer, GraphRequest, bad_request, not_found

MAX_BOUND_MEMBERS = 20

_REFERENCE = re.compile(r"^https?://[^/]+/(?:.+/)?(?:directoryObjects|users)/([^/]+)$")
_ALREADY = "One or more added object references already exist for the following modified properties: 'members'."
_GONE = "One or more removed object references do not exist for the following modified properties: 'members'."
_TOO_FRESH = "The source resource object or one of the objects being referenced do not exist."


def list_members(cloud: Cloud, request: GraphRequest, group_id: str) -> GraphAnswer:
    group = groups.require_group(request.tenant, group_id)
    visible = group.visible_members(now=cloud.now(), lag=cloud.knobs.consistency_lag_seconds)
    people = [request.tenant.users[user_id] for user_id in visible if user_id in request.tenant.users]
    entities = [{"@odata.type": "#microsoft.graph.user", **users.entity(user)} for user in people]
    return page(entities, request, context="directoryObjects")


def add_member(cloud: Cloud, request: GraphRequest, group_id: str) -> GraphAnswer:
    group = groups.require_group(request.tenant, group_id)
    _add_all(cloud, request.tenant, group, [_referenced_id(request.text("@odata.id"))])
    return GraphAnswer(204)


def bind_members(cloud: Cloud, tenant: Tenant, group: Group, references: Any) -> None:
    if not isinstance(references, list) or not references:
        raise bad_request("'members@odata.bind' must be a list of references.")
    if len(references) > MAX_BOUND_MEMBERS:
        raise bad_request(
            f"The number of references in 'members@odata.bind' ({len(references)}) exceeds {MAX_BOUND_MEMBERS}."
        )
    _add_all(cloud, tenant, group, [_referenced_id(reference) for reference in references])


def remove_member(cloud: Cloud, request: GraphRequest, group_id: str, user_id: str) -> GraphAnswer:
    """Graph's 404 for "not a member" names the group, and is a 400 while the removal is still replicating."""
    group = groups.require_group(request.tenant, group_id)
    if user_id not in group.members:
        left_at = group.departed.get(user_id)
        if left_at is not None and cloud.now() - left_at < cloud.knobs.consistency_lag_seconds:
            raise bad_request(_GONE)
        raise not_found(group_id)
    group.remove(user_id, cloud.now())
    return GraphAnswer(204)


def delete_member_object(cloud: Cloud, request: GraphRequest, group_id: str, user_id: str) -> GraphAnswer:
    """DELETE without ``/$ref`` addresses the user itself: it leaves the tenant, not only the group."""
    group = groups.require_group(request.tenant, group_id)
    if user_id not in group.members:
        raise not_found(user_id)
    request.tenant.drop_user(user_id, cloud.now())
    return GraphAnswer(204)


def _add_all(cloud: Cloud, tenant: Tenant, group: Group, user_ids: list[str]) -> None:
    if groups.is_fresh(cloud, group):
        raise bad_request(_TOO_FRESH)
    for user_id in user_ids:
        if user_id not in tenant.users:
            raise not_found(user_id)
    if len(set(user_ids)) < len(user_ids) or any(user_id in group.members for user_id in user_ids):
        raise bad_request(_ALREADY)
    for user_id in user_ids:
        group.add(user_id, cloud.now())


def _referenced_id(reference: object) -> str:
    match = _REFERENCE.match(reference) if isinstance(reference, str) else None
    if match is None:
        raise bad_request(f"Invalid entity reference '{reference}'.")
    return match[1]
