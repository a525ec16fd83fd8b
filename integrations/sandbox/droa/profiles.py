"""Operations about profiles."""

import re
from typing import Any

from integrations.sandbox.droa.calls import Body, Call, page, timestamp
from integrations.sandbox.droa.deployments import ADMINS, FACILITATORS, RACERS, Deployment
from integrations.sandbox.droa.errors import bad_request, internal_failure, not_authorized, not_found, unhandled
from integrations.sandbox.droa.jobs import shown_model_status
from integrations.sandbox.droa.sign_up import create_user, send_invitation
from integrations.sandbox.racing.accounts import ModelStatus, Profile
from integrations.sandbox.racing.models import drop_model
from integrations.sandbox.racing.profiles import drop_profile

_EMAIL = re.compile(r"[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}")
_DEFAULT_AVATAR = {"top": "Helmet"}


def create_profile(call: Call) -> Body:
    """An invitation, by the service's own mail. The answer does not say who was made."""
    email = call.body["emailAddress"]
    if not _EMAIL.fullmatch(email):
        raise bad_request("Invalid email address format.")
    if call.pool.find(email) is not None:
        raise bad_request("A user with this email address already exists.")
    attributes = {"email": email, "email_verified": "true"}
    user = create_user(call.cloud, call.pool, username=call.account.new_id(), attributes=attributes, metadata={})
    call.pool.join_group(user.username, RACERS)
    send_invitation(call.cloud, call.deployment, user)
    return {"message": "The profile was created. Login instructions are on their way by e-mail."}


def list_profiles(call: Call) -> Body:
    shown, more = page(call.account.profiles, token=call.query.get("token"))
    return {"profiles": [describe_profile(call, profile) for profile in shown], **more}


def get_profile(call: Call) -> Body:
    """The caller's own; nobody can ask for another's."""
    described = describe_profile(call, _own_profile(call))
    return {"profile": {key: value for key, value in described.items() if key not in _ONLY_LISTED}}


def update_profile(call: Call) -> Body:
    """Permission failures are 400. Used and queued minutes in the body are accepted and ignored."""
    admin = ADMINS in call.user.groups
    target = call.body.get("profileId", call.user.username)
    if target != call.user.username and not admin:
        raise bad_request("Admin permission required to make this change.")
    quotas = {name: call.body[name] for name in ("maxTotalComputeMinutes", "maxModelCount") if name in call.body}
    if quotas and not admin:
        raise bad_request("Non-admin user requesting to change one or more admin-only properties.")
    alias, avatar = call.body.get("alias"), call.body.get("avatar")
    if not (quotas or alias or avatar):
        raise bad_request(
            "At least one valid field (alias, avatar, maxTotalComputeMinutes, or maxModelCount) needs to be provided."
        )
    profile = call.account.profiles.get(target)
    if profile is None:
        raise unhandled()
    profile.alias = alias or profile.alias
    profile.max_minutes = quotas.get("maxTotalComputeMinutes", profile.max_minutes)
    profile.max_models = quotas.get("maxModelCount", profile.max_models)
    if avatar:
        call.deployment.avatars[profile.service_id] = avatar
    described = describe_profile(call, profile)
    return {"profile": {key: value for key, value in described.items() if key in _AFTER_UPDATE}}


def update_group_membership(call: Call) -> Body:
    """Out of all groups, into one."""
    user = call.pool.find(call.body["profileId"])
    if user is None:
        raise internal_failure("Failed to remove user from groups.")
    user.groups = []
    call.pool.join_group(user.username, call.body["targetUserPoolGroup"])
    return {}


def delete_profile(call: Call) -> Body:
    """The user first: where there is none any more, it fails and the profile stays. Rankings stay in any case."""
    if ADMINS not in call.user.groups:
        raise bad_request("Only administrators can delete user profiles")
    profile_id = call.path["profileId"]
    if call.pool.find(profile_id) is None:
        raise unhandled()
    call.pool.delete(profile_id)
    if profile_id in call.account.profiles:
        drop_profile(call.account, profile_id)
    call.deployment.avatars.pop(profile_id, None)
    return {}


def delete_profile_models(call: Call) -> Body:
    """All but those that are being deleted; what trains is deleted too, and its job runs on."""
    profile = call.account.profiles.get(call.path["profileId"])
    for model_id in list(profile.model_ids if profile else ()):
        model = call.account.models[model_id]
        if model.status is not ModelStatus.DELETING:
            drop_model(call.account, model)
    return {}


def list_admin_profiles(call: Call) -> Body:
    """In one answer, however many."""
    _require_staff(call)
    return {
        "profiles": [
            {
                "profileId": profile.service_id,
                "alias": profile.alias,
                "emailAddress": profile.email,
                "totalModelCount": len(profile.model_ids),
            }
            for profile in call.account.profiles.values()
        ]
    }


def list_models_for_profile(call: Call) -> Body:
    """Of nobody: an empty list, like that of somebody without models."""
    _require_staff(call)
    profile = call.account.profiles.get(call.path["profileId"])
    models = [call.account.models[model_id] for model_id in sorted(profile.model_ids)] if profile else []
    return {
        "models": [
            {
                "modelId": model.model_id,
                "name": model.name,
                "status": shown_model_status(call.deployment, model),
                "createdAt": timestamp(model.created_at),
            }
            for model in models
        ]
    }


def describe_profile(call: Call, profile: Profile) -> dict[str, Any]:
    """Minutes with their fractions. The role is the user's group as the service saw it last."""
    user = call.pool.find(profile.service_id)
    role = {"roleName": user.groups[-1]} if user is not None and user.groups else {}
    return {
        "profileId": profile.service_id,
        "alias": profile.alias,
        "avatar": avatar_of(call.deployment, profile.service_id),
        "emailAddress": profile.email,
        "computeMinutesUsed": minutes(profile.used_seconds),
        "computeMinutesQueued": minutes(profile.queued_seconds),
        "maxTotalComputeMinutes": profile.max_minutes,
        "modelCount": profile.created_models,
        "maxModelCount": profile.max_models,
        "modelStorageUsage": profile.storage_bytes,
        "createdAt": timestamp(profile.joined_at),
        **role,
    }


def avatar_of(deployment: Deployment, profile_id: str) -> dict[str, str]:
    return deployment.avatars.get(profile_id, _DEFAULT_AVATAR)


def minutes(seconds: int) -> float:
    whole, rest = divmod(seconds, 60)
    return whole if not rest else seconds / 60


_ONLY_LISTED = frozenset({"modelStorageUsage", "createdAt", "roleName"})
_AFTER_UPDATE = frozenset(
    {
        "alias",
        "avatar",
        "profileId",
        "computeMinutesUsed",
        "computeMinutesQueued",
        "maxTotalComputeMinutes",
        "maxModelCount",
    }
)


def _own_profile(call: Call) -> Profile:
    profile = call.account.profiles.get(call.user.username)
    if profile is None:
        raise not_found()
    return profile


def _require_staff(call: Call) -> None:
    """Keys live on for an hour, whatever becomes of the role that they were given for."""
    if not {ADMINS, FACILITATORS} & set(call.user.groups):
        raise not_authorized()
