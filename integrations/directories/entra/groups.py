"""The event's group: found or created, and assigned to the enterprise application."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.core.cache import cache as shared_cache

from integrations.directories.entra.client import GraphClient, GraphRequest
from integrations.directories.entra.users import quote_literal
from integrations.errors import IntegrationError
from integrations.shared_keys import shared_key

# A new group shows up in look-ups within seconds as a rule; this bridges the worst of it.
REMEMBERED_SECONDS = 600
# Entra's role id for applications that define no roles.
DEFAULT_ROLE_ID = "00000000-0000-0000-0000-000000000000"
_FIELDS = "id,displayName,mailNickname,groupTypes,isAssignableToRole"


def ensure_group(client: GraphClient, *, name: str, description: str) -> str:
    remembered_key = shared_key("entra-group", client.throttle_key, name)
    group = _find_group(client, name)
    if group is not None:
        return str(group["id"])
    if remembered := shared_cache.get(remembered_key):
        return str(remembered)
    created = str(_create_group(client, name, description)["id"])
    shared_cache.set(remembered_key, created, timeout=REMEMBERED_SECONDS)
    return created


def _find_group(client: GraphClient, name: str) -> Mapping[str, Any] | None:
    condition = quote(f"displayName eq {quote_literal(name)}", safe="")
    groups: list[Mapping[str, Any]] = client.read(f"/groups?$filter={condition}&$select={_FIELDS}")["value"]
    # Entra allows several groups of one name. The one that Paddock made is told by its nickname.
    ours = [group for group in groups if group.get("mailNickname") == _nickname(name)]
    candidates = ours or groups
    if len(candidates) > 1:
        raise IntegrationError(
            f"Microsoft Entra has {len(groups)} groups named “{name}”. Rename all but one, or give the event's group "
            "another name.",
            permanent=True,
            code="GroupAmbiguous",
        )
    if candidates:
        _refuse_unsuitable(candidates[0], name)
    return candidates[0] if candidates else None


def _refuse_unsuitable(group: Mapping[str, Any], name: str) -> None:
    if "DynamicMembership" in (group.get("groupTypes") or []):
        raise IntegrationError(
            f"The members of “{name}” are chosen by a rule in Microsoft Entra, so nobody can be added. Give the event "
            "a group with assigned membership.",
            permanent=True,
            code="GroupDynamic",
        )
    if group.get("isAssignableToRole"):
        raise IntegrationError(
            f"“{name}” can hold administrator roles in Microsoft Entra. Paddock adds nobody to such a group. Give the "
            "event a group of its own.",
            permanent=True,
            code="GroupPrivileged",
        )


def _create_group(client: GraphClient, name: str, description: str) -> Mapping[str, Any]:
    body = {
        "displayName": name,
        "description": description or name,
        "mailEnabled": False,
        "mailNickname": _nickname(name),
        "securityEnabled": True,
    }
    answer = client.call(GraphRequest("POST", "/groups", body))
    if answer.accepted:
        return answer.body
    if answer.code == "Authorization_RequestDenied":
        raise IntegrationError(
            "Microsoft Entra does not let Paddock create groups. Grant the application Group.Create with admin "
            f"consent, or create a security group named “{name}” and make the application its owner.",
            permanent=True,
            code=answer.code,
        )
    raise answer.refusal()


def _nickname(name: str) -> str:
    """Unique per name and allowed everywhere: at most 64 characters of ASCII."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"paddock-{slug}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def find_group(client: GraphClient, name: str) -> str | None:
    group = _find_group(client, name)
    return None if group is None else str(group["id"])


def is_assigned_to_application(client: GraphClient, group_id: str, service_principal_id: str) -> bool:
    """Without the assignment, provisioning passes the group by."""
    path = f"/groups/{quote(group_id, safe='')}/appRoleAssignments?$select=id,resourceId"
    return any(each["resourceId"] == service_principal_id for each in client.read(path)["value"])


def assign_to_application(client: GraphClient, group_id: str, service_principal_id: str) -> None:
    if is_assigned_to_application(client, group_id, service_principal_id):
        return
    body = {
        "principalId": group_id,
        "resourceId": service_principal_id,
        "appRoleId": _find_user_role(client, service_principal_id),
    }
    application = quote(service_principal_id, safe="")
    answer = client.call(GraphRequest("POST", f"/servicePrincipals/{application}/appRoleAssignedTo", body))
    if not answer.accepted and "already exists" not in answer.message:
        raise _explain_assignment(answer.code) or answer.refusal()


def _explain_assignment(code: str) -> IntegrationError | None:
    if code != "Authorization_RequestDenied":
        return None
    return IntegrationError(
        "Microsoft Entra does not let Paddock assign the group to the enterprise application. Grant the application "
        "AppRoleAssignment.ReadWrite.All with admin consent, or assign the group under Enterprise applications → "
        "Users and groups.",
        permanent=True,
        code=code,
    )


def _find_user_role(client: GraphClient, service_principal_id: str) -> str:
    application = client.read(f"/servicePrincipals/{quote(service_principal_id, safe='')}?$select=id,appRoles")
    roles = [
        role
        for role in application.get("appRoles") or []
        if role.get("isEnabled") and "User" in role.get("allowedMemberTypes", [])
    ]
    roles.sort(key=lambda role: role.get("displayName") != "User")
    return str(roles[0]["id"]) if roles else DEFAULT_ROLE_ID
