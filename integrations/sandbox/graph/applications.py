"""The enterprise application: its roles, and which groups are assigned to it."""

import uuid
from typing import Any

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph import groups
from integrations.sandbox.graph.paging import page, select
from integrations.sandbox.graph.store import AppRoleAssignment, Tenant
from integrations.sandbox.graph.wire import GraphAnswer, GraphRequest, bad_request, not_found, timestamp

_DISPLAY_NAME = "AWS IAM Identity Center"


def get_service_principal(cloud: Cloud, request: GraphRequest, service_principal_id: str) -> GraphAnswer:
    tenant = require_application(request.tenant, service_principal_id)
    role = {
        "id": tenant.app_role_id,
        "value": None,
        "displayName": "User",
        "description": "User",
        "isEnabled": True,
        "allowedMemberTypes": ["User"],
        "origin": "Application",
    }
    body = {
        "id": service_principal_id,
        "displayName": _DISPLAY_NAME,
        "appRoleAssignmentRequired": True,
        "accountEnabled": True,
        "appRoles": [role],
    }
    return GraphAnswer(200, select(body, request))


def list_assignments(cloud: Cloud, request: GraphRequest, service_principal_id: str) -> GraphAnswer:
    tenant = require_application(request.tenant, service_principal_id)
    return _page(tenant, list(tenant.assignments.values()), request)


def list_group_assignments(cloud: Cloud, request: GraphRequest, group_id: str) -> GraphAnswer:
    groups.require_group(request.tenant, group_id)
    mine = [a for a in request.tenant.assignments.values() if a.principal_id == group_id]
    return _page(request.tenant, mine, request)


def assign(cloud: Cloud, request: GraphRequest, resource_id: str) -> GraphAnswer:
    """Assign a group to the application; ``resource_id`` is the id in the address (application or group)."""
    tenant = require_application(request.tenant, request.text("resourceId"))
    principal_id = request.text("principalId")
    if resource_id not in {tenant.service_principal_id, principal_id}:
        raise bad_request("The id in the address is neither the resource nor the principal of the assignment.")
    groups.require_group(tenant, principal_id)
    if request.text("appRoleId") != tenant.app_role_id:
        raise bad_request("Permission being assigned was not found on application.")
    if any(a.principal_id == principal_id for a in tenant.assignments.values()):
        raise bad_request("Permission being assigned already exists on the object.")
    assignment = AppRoleAssignment(str(uuid.uuid4()), principal_id, tenant.app_role_id, cloud.now())
    tenant.assignments[assignment.id] = assignment
    return GraphAnswer(201, _entity(tenant, assignment))


def unassign(cloud: Cloud, request: GraphRequest, service_principal_id: str, assignment_id: str) -> GraphAnswer:
    tenant = require_application(request.tenant, service_principal_id)
    if tenant.assignments.pop(assignment_id, None) is None:
        raise not_found(assignment_id)
    return GraphAnswer(204)


def require_application(tenant: Tenant, service_principal_id: str) -> Tenant:
    if service_principal_id != tenant.service_principal_id:
        raise not_found(service_principal_id)
    return tenant


def _page(tenant: Tenant, assignments: list[AppRoleAssignment], request: GraphRequest) -> GraphAnswer:
    entities = [_entity(tenant, assignment) for assignment in sorted(assignments, key=lambda a: a.id)]
    return page(entities, request, context="appRoleAssignments")


def _entity(tenant: Tenant, assignment: AppRoleAssignment) -> dict[str, Any]:
    group = tenant.groups.get(assignment.principal_id)
    return {
        "id": assignment.id,
        "appRoleId": assignment.app_role_id,
        "createdDateTime": timestamp(assignment.created_at),
        "principalId": assignment.principal_id,
        "principalDisplayName": group.display_name if group else None,
        "principalType": "Group",
        "resourceId": tenant.service_principal_id,
        "resourceDisplayName": _DISPLAY_NAME,
    }
