"""Global settings: quotas of new users and of everybody together, and how people register. Keys are dotted paths."""

import copy
from typing import Any

from integrations.sandbox.droa.calls import Body, Call
from integrations.sandbox.droa.deployments import UNLIMITED, Deployment
from integrations.sandbox.droa.errors import ApiError, bad_request, not_found

_REGISTRATION_TYPES = frozenset({"invite-only", "self-service"})


def get_global_setting(call: Call) -> Body:
    value: Any = call.deployment.settings
    for part in call.path["key"].split("."):
        if not isinstance(value, dict) or part not in value:
            raise not_found("Failed to retrieve global setting for provided key.")
        value = value[part]
    return {"value": value}


def update_global_setting(call: Call) -> Body:
    """Takes a single value or a whole branch, complete. The quotas for everybody together are enforced nowhere."""
    settings = copy.deepcopy(call.deployment.settings)
    parent: Any = settings
    *path, last = call.path["key"].split(".")
    for part in path:
        parent = parent.get(part) if isinstance(parent, dict) else None
    value = call.body["value"]
    if not isinstance(parent, dict) or last not in parent or not _fits(value, parent[last]):
        raise _invalid()
    parent[last] = value
    call.deployment.settings = settings
    apply_defaults(call.deployment)
    return {}


def apply_defaults(deployment: Deployment) -> None:
    """Quotas of profiles that are made from now on."""
    limits = deployment.settings["usageQuotas"]["newUser"]
    deployment.account.default_minutes = int(limits["newUserComputeMinutesLimit"])
    deployment.account.default_models = int(limits["newUserModelCountLimit"])


def _fits(value: Any, sample: Any) -> bool:
    """Whether the value has the shape of what is there: the same keys, whole numbers from -1 on, a known type."""
    if isinstance(sample, dict):
        same_keys = isinstance(value, dict) and set(value) == set(sample)
        return same_keys and all(_fits(value[key], sample[key]) for key in sample)
    if sample in _REGISTRATION_TYPES:
        return value in _REGISTRATION_TYPES
    return _is_quota(value)


def _is_quota(value: Any) -> bool:
    """Numbers in strings are taken, too."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        return float(value).is_integer() and float(value) >= UNLIMITED
    except ValueError:
        return False


def _invalid() -> ApiError:
    return bad_request("Invalid request structure")
