"""Which handler answers which address; shared by single requests and the items of a batch."""

import re
from collections.abc import Callable
from urllib.parse import unquote

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph import applications, groups, invitations, members, synchronization, throttles, users
from integrations.sandbox.graph.wire import GraphAnswer, GraphError, GraphRequest

Handler = Callable[..., GraphAnswer]

_APPLICATION = "/servicePrincipals/{}"
_JOBS = f"{_APPLICATION}/synchronization/jobs"
_TABLE: list[tuple[str, str, Handler]] = [
    ("GET", "/users", users.list_users),
    ("GET", "/users/{}", users.get_user),
    ("PATCH", "/users/{}", users.update_user),
    ("DELETE", "/users/{}", users.delete_user),
    ("POST", "/invitations", invitations.invite),
    ("GET", "/groups", groups.list_groups),
    ("POST", "/groups", groups.create_group),
    ("GET", "/groups/{}", groups.get_group),
    ("PATCH", "/groups/{}", groups.update_group),
    ("DELETE", "/groups/{}", groups.delete_group),
    ("GET", "/groups/{}/members", members.list_members),
    ("POST", "/groups/{}/members/$ref", members.add_member),
    ("DELETE", "/groups/{}/members/{}/$ref", members.remove_member),
    ("DELETE", "/groups/{}/members/{}", members.delete_member_object),
    ("GET", "/groups/{}/appRoleAssignments", applications.list_group_assignments),
    ("POST", "/groups/{}/appRoleAssignments", applications.assign),
    ("GET", _APPLICATION, applications.get_service_principal),
    ("GET", f"{_APPLICATION}/appRoleAssignedTo", applications.list_assignments),
    ("POST", f"{_APPLICATION}/appRoleAssignedTo", applications.assign),
    ("DELETE", f"{_APPLICATION}/appRoleAssignedTo/{{}}", applications.unassign),
    ("GET", _JOBS, synchronization.list_jobs),
    ("GET", f"{_JOBS}/{{}}", synchronization.get_job),
    ("GET", f"{_JOBS}/{{}}/schema", synchronization.get_schema),
    ("POST", f"{_JOBS}/{{}}/provisionOnDemand", synchronization.provision_on_demand),
]
_ROUTES = [
    (method, template, re.compile("^" + re.escape(template).replace(r"\{\}", "([^/]+)") + "$"), handler)
    for method, template, handler in _TABLE
]


def operation_name(method: str, path: str) -> str:
    """``POST /groups/{id}/members/$ref``: the name under which a request is counted."""
    for known_method, template, pattern, _ in _ROUTES:
        if known_method == method and pattern.match(path):
            return f"{method} {template.replace('{}', '{id}')}"
    return f"{method} {path}"


def answer(cloud: Cloud, request: GraphRequest) -> GraphAnswer:
    """Charge and carry out one request; every refusal comes back as an answer."""
    try:
        usage = throttles.take(cloud, request)
        handler, ids = _find(request)
        reply = handler(cloud, request, *ids)
    except GraphError as error:
        return error.answer()
    reply.headers |= usage
    return reply


def _find(request: GraphRequest) -> tuple[Handler, list[str]]:
    matches = [(m, match, handler) for m, _, pattern, handler in _ROUTES if (match := pattern.match(request.path))]
    for method, match, handler in matches:
        if method == request.method:
            return handler, [unquote(part) for part in match.groups()]
    if matches:
        raise GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    raise GraphError(400, "BadRequest", f"Resource not found for the segment '{request.path.strip('/')}'.")
