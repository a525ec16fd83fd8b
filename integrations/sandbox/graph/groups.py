"""/groups: look-up, creation, change and deletion of security groups."""

import uuid
from typing import Any

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph import members
from integrations.sandbox.graph.filters import parse_filter
from integrations.sandbox.graph.paging import page, select
from integrations.sandbox.graph.store import Group, Tenant
from integrations.sandbox.graph.wire import GraphAnswer, GraphRequest, bad_request, not_found

_FILTERABLE = frozenset({"displayName", "mailNickname", "id"})
_WRITABLE = {"displayName": "display_name", "description": "description", "mailNickname": "mail_nickname"}


def list_groups(cloud: Cloud, request: GraphRequest) -> GraphAnswer:
    entities = [entity(group) for group in request.tenant.groups.values() if not is_fresh(cloud, group)]
    text = request.query.get("$filter", "")
    if text:
        conditions = parse_filter(text, attributes=_FILTERABLE)
        entities = [e for e in entities if any(_same(e[c.attribute], c.value) for c in conditions)]
    return page(sorted(entities, key=lambda e: str(e["id"])), request, context="groups")


def create_group(cloud: Cloud, request: GraphRequest) -> GraphAnswer:
    """Names are not unique: a second POST makes a second group, as in Entra."""
    if not isinstance(request.body, dict) or request.body.get("securityEnabled") is not True:
        raise bad_request("A value must be provided for property 'securityEnabled'.")
    if request.body.get("mailEnabled") is not False:
        raise bad_request("The service does not currently support writes of mail-enabled groups.")
    group = Group(
        id=str(uuid.uuid4()),
        display_name=request.text("displayName"),
        description=str(request.body.get("description") or ""),
        mail_nickname=request.text("mailNickname"),
        created_at=cloud.now(),
    )
    request.tenant.groups[group.id] = group
    return GraphAnswer(201, entity(group))


def get_group(cloud: Cloud, request: GraphRequest, group_id: str) -> GraphAnswer:
    group = require_group(request.tenant, group_id)
    if is_fresh(cloud, group):
        raise not_found(group_id)
    return GraphAnswer(200, select(entity(group), request))


def update_group(cloud: Cloud, request: GraphRequest, group_id: str) -> GraphAnswer:
    group = require_group(request.tenant, group_id)
    changes = dict(request.body) if isinstance(request.body, dict) else {}
    references = changes.pop("members@odata.bind", None)
    for name, value in changes.items():
        if name not in _WRITABLE or not isinstance(value, str):
            raise bad_request(f"Property '{name}' cannot be set to this value.")
    if references is not None:
        members.bind_members(cloud, request.tenant, group, references)
    for name, value in changes.items():
        setattr(group, _WRITABLE[name], value)
    return GraphAnswer(204)


def delete_group(cloud: Cloud, request: GraphRequest, group_id: str) -> GraphAnswer:
    tenant = request.tenant
    del tenant.groups[require_group(tenant, group_id).id]
    tenant.assignments = {key: a for key, a in tenant.assignments.items() if a.principal_id != group_id}
    return GraphAnswer(204)


def require_group(tenant: Tenant, group_id: str) -> Group:
    group = tenant.groups.get(group_id)
    if group is None:
        raise not_found(group_id)
    return group


def is_fresh(cloud: Cloud, group: Group) -> bool:
    """Too young to have reached every replica of the directory."""
    return cloud.now() - group.created_at < cloud.knobs.consistency_lag_seconds


def entity(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "displayName": group.display_name,
        "description": group.description or None,
        "mailNickname": group.mail_nickname,
        "mailEnabled": False,
        "securityEnabled": True,
        "groupTypes": [],
    }


def _same(actual: object, wanted: str) -> bool:
    return str(actual).lower() == wanted.lower()
