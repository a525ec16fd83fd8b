"""/users: look-up by address and id, change of names, deletion."""

from typing import Any

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.graph.filters import parse_filter
from integrations.sandbox.graph.paging import page, select
from integrations.sandbox.graph.store import Tenant, User
from integrations.sandbox.graph.wire import GraphAnswer, GraphRequest, bad_request, not_found

_FILTERABLE = frozenset({"mail", "userPrincipalName"})
_WRITABLE = {"givenName": "given_name", "surname": "surname", "displayName": "display_name"}


def list_users(cloud: Cloud, request: GraphRequest) -> GraphAnswer:
    text = request.query.get("$filter", "")
    if text:
        conditions = parse_filter(text, attributes=_FILTERABLE)
        found = [request.tenant.find_user(condition.value) for condition in conditions]
        users = {user.id: user for user in found if user is not None and is_visible(cloud, user)}
    else:
        users = {user.id: user for user in request.tenant.users.values() if is_visible(cloud, user)}
    return page([entity(users[user_id]) for user_id in sorted(users)], request, context="users")


def get_user(cloud: Cloud, request: GraphRequest, user_key: str) -> GraphAnswer:
    user = require_user(request.tenant, user_key)
    if not is_visible(cloud, user):
        raise not_found(user_key)
    return GraphAnswer(200, select(entity(user), request))


def update_user(cloud: Cloud, request: GraphRequest, user_key: str) -> GraphAnswer:
    user = require_user(request.tenant, user_key)
    body = request.body if isinstance(request.body, dict) else {}
    for name, value in body.items():
        if name not in _WRITABLE or not isinstance(value, str):
            raise bad_request(f"Property '{name}' cannot be set to this value.")
    for name, value in body.items():
        setattr(user, _WRITABLE[name], value)
    return GraphAnswer(204)


def delete_user(cloud: Cloud, request: GraphRequest, user_key: str) -> GraphAnswer:
    request.tenant.drop_user(require_user(request.tenant, user_key).id, cloud.now())
    return GraphAnswer(204)


def require_user(tenant: Tenant, user_key: str) -> User:
    """By id or user principal name."""
    user = tenant.users.get(user_key) or tenant.find_user(user_key)
    if user is None:
        raise not_found(user_key)
    return user


def is_visible(cloud: Cloud, user: User) -> bool:
    return cloud.now() - user.created_at >= cloud.knobs.consistency_lag_seconds


def entity(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "mail": user.mail,
        "userPrincipalName": user.user_principal_name,
        "givenName": user.given_name,
        "surname": user.surname,
        "displayName": user.display_name,
        "userType": user.user_type,
        "accountEnabled": user.account_enabled,
    }
