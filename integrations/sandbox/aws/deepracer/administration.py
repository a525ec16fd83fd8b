"""Multi-user mode and sponsored racers, as their administrator sees them."""

from integrations.sandbox.aws.deepracer.errors import invalid
from integrations.sandbox.aws.deepracer.members import NOTHING, PAGING, STANDARD, USER_STATE
from integrations.sandbox.aws.deepracer.models import describe_model
from integrations.sandbox.aws.deepracer.operation import Body, Caller, Operation, milliseconds
from integrations.sandbox.aws.deepracer.paging import page
from integrations.sandbox.aws.deepracer.shapes import Flag, Many, Structure, Text, Whole
from integrations.sandbox.racing.accounts import Account, Profile, ProfileState
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.models import ModelInUse, request_deletion

LARGEST_BATCH = 100  # the service publishes none

_STATES = {
    "ENABLE": ProfileState.ACTIVE,
    "RESTRICT": ProfileState.RESTRICTED,
    "DISABLE": ProfileState.DISABLED,
}
_CONFIG = Structure({"MultiracerConfig": Structure({"MultiracerModeEnabled": Flag()})})


def get_account_config(caller: Caller, request: Body) -> Body:
    return {"MultiracerConfig": {"MultiracerModeEnabled": caller.account.active}}


def set_account_config(caller: Caller, request: Body) -> Body:
    """Profiles and models stay where they are when the mode is off; they are only out of sight."""
    caller.account.active = request["MultiracerConfig"]["MultiracerModeEnabled"]
    return {}


def get_multi_racer(caller: Caller, request: Body) -> Body:
    return {"MultiRacer": caller.account.active}


def list_associated_users(caller: Caller, request: Body) -> Body:
    wanted = request.get("UserState")
    visible = [p for p in _visible(caller.account) if wanted is None or p.state == wanted]
    profiles, more = page([(profile.number, profile) for profile in visible], request)
    return {"AssociatedUsers": [_describe_user(profile) for profile in profiles], **more}


def list_associated_resources(caller: Caller, request: Body) -> Body:
    """Of everybody who has models, or of one racer. Pages are of racers, each with all of their models."""
    account, wanted = caller.account, request.get("UserId")
    visible = [p for p in _visible(account) if p.model_ids and wanted in (None, p.service_id)]
    profiles, more = page([(profile.number, profile) for profile in visible], request)
    resources = [
        {
            "UserId": profile.service_id,
            "Models": [describe_model(account, account.models[model_id]) for model_id in profile.model_ids],
        }
        for profile in profiles
    ]
    return {"AssociatedResources": resources, **more}


def manage_user(caller: Caller, request: Body) -> Body:
    """Answers nothing, whatever happened to whom: unknown ids are passed over, and so is whoever a failure strikes."""
    action, limits = request["Action"], request.get("Limits")
    if (action == "SET_LIMITS") != bool(limits):
        raise invalid("Limits must be given with the action SET_LIMITS, and only with it.")
    known = caller.account.profiles if caller.account.active else {}
    for profile in (known[user_id] for user_id in request["UserIds"] if user_id in known):
        if caller.failures.strikes():
            continue
        if action in _STATES:
            profile.state = _STATES[action]
        elif action == "SET_LIMITS":
            _set_limits(profile, limits or {})
        else:
            _delete_resources(caller.account, profile, caller.moment)
    return {}


def _visible(account: Account) -> list[Profile]:
    return list(account.profiles.values()) if account.active else []


def _set_limits(profile: Profile, limits: Body) -> None:
    """A limit that is not given stays. Jobs that wait or run are not touched by a lower one."""
    profile.max_minutes = limits.get("MaxComputeMinutes", profile.max_minutes)
    profile.max_models = limits.get("MaxModels", profile.max_models)


def _delete_resources(account: Account, profile: Profile, moment: Moment) -> None:
    """A model that is being worked on stays."""
    for model_id in profile.model_ids:
        try:
            request_deletion(account, account.models[model_id], moment=moment)
        except ModelInUse:
            continue


def _describe_user(profile: Profile) -> Body:
    """What is written as MaxComputeMinutes is read as MaxTotalComputeMinutes."""
    return {
        "Alias": profile.alias,
        "UserId": profile.service_id,
        "AssociatedOn": milliseconds(profile.joined_at),
        "ComputeMinutesUsed": profile.used_seconds // 60,
        "ComputeMinutesQueued": profile.queued_seconds // 60,
        "MaxTotalComputeMinutes": profile.max_minutes,
        "MaxModels": profile.max_models,
        "StorageBytesUsed": profile.storage_bytes,
        "UserState": profile.state.value,
    }


OPERATIONS = {
    "AdminGetAccountConfig": Operation(NOTHING, get_account_config),
    "AdminSetAccountConfig": Operation(_CONFIG, set_account_config),
    "GetAccountConfig": Operation(NOTHING, get_multi_racer),
    "AdminListAssociatedUsers": Operation(Structure({}, {**PAGING, "UserState": USER_STATE}), list_associated_users),
    "AdminListAssociatedResources": Operation(Structure({}, {**PAGING, "UserId": STANDARD}), list_associated_resources),
    "AdminManageUser": Operation(
        Structure(
            {
                "UserIds": Many(STANDARD, 1, LARGEST_BATCH),
                "Action": Text(choices=(*_STATES, "DELETE_RESOURCES", "SET_LIMITS")),
            },
            {"Limits": Structure({}, {"MaxModels": Whole(least=0), "MaxComputeMinutes": Whole(least=0)})},
        ),
        manage_user,
    ),
}
