"""The operations of the REST API: where they are, whom the roles let call them, and what does the work.

Operations on live races, evaluations, submissions, imports, assets and reward functions are not simulated.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from integrations.sandbox.droa import leaderboards, models, profiles, schemas, settings
from integrations.sandbox.droa.calls import Body, Call
from integrations.sandbox.droa.deployments import ADMINS, FACILITATORS, GROUPS
from integrations.sandbox.droa.schemas import Schema

_EVERYBODY = frozenset(GROUPS)
_STAFF = frozenset({ADMINS, FACILITATORS})
_ADMINS = frozenset({ADMINS})


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str  # with {parameters}
    groups: frozenset[str]  # what the IAM roles allow; some handlers check for themselves besides
    handle: Callable[[Call], Body]
    body: Schema | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


OPERATIONS = (
    # Racers may invite anybody, too.
    Operation("CreateProfile", "POST", "/profile", _EVERYBODY, profiles.create_profile, schemas.CREATE_PROFILE),
    Operation("GetProfile", "GET", "/profile", _EVERYBODY, profiles.get_profile),
    Operation("UpdateProfile", "PATCH", "/profile", _EVERYBODY, profiles.update_profile, schemas.UPDATE_PROFILE),
    Operation("ListProfiles", "GET", "/profiles", _ADMINS, profiles.list_profiles),
    Operation(
        "UpdateGroupMembership",
        "PUT",
        "/profile/role",
        _ADMINS,
        profiles.update_group_membership,
        schemas.UPDATE_GROUP_MEMBERSHIP,
    ),
    Operation("DeleteProfile", "DELETE", "/profiles/{profileId}", _ADMINS, profiles.delete_profile),
    Operation("DeleteProfileModels", "DELETE", "/profiles/{profileId}/models", _ADMINS, profiles.delete_profile_models),
    Operation("ListAdminProfiles", "GET", "/admin/profiles", _STAFF, profiles.list_admin_profiles),
    Operation(
        "ListModelsForProfile", "GET", "/admin/profiles/{profileId}/models", _STAFF, profiles.list_models_for_profile
    ),
    Operation("GetGlobalSetting", "GET", "/settings/{key}", _EVERYBODY, settings.get_global_setting),
    Operation(
        "UpdateGlobalSetting",
        "PUT",
        "/settings/{key}",
        _ADMINS,
        settings.update_global_setting,
        schemas.UPDATE_GLOBAL_SETTING,
    ),
    Operation("ListLeaderboards", "GET", "/leaderboards", _EVERYBODY, leaderboards.list_leaderboards),
    Operation(
        "CreateLeaderboard",
        "POST",
        "/leaderboards",
        _STAFF,
        leaderboards.create_leaderboard,
        schemas.CREATE_LEADERBOARD,
    ),
    Operation("GetLeaderboard", "GET", "/leaderboards/{leaderboardId}", _EVERYBODY, leaderboards.get_leaderboard),
    Operation(
        "EditLeaderboard",
        "PATCH",
        "/leaderboards/{leaderboardId}",
        _STAFF,
        leaderboards.edit_leaderboard,
        schemas.EDIT_LEADERBOARD,
    ),
    Operation("DeleteLeaderboard", "DELETE", "/leaderboards/{leaderboardId}", _STAFF, leaderboards.delete_leaderboard),
    Operation("ListRankings", "GET", "/leaderboards/{leaderboardId}/rankings", _EVERYBODY, leaderboards.list_rankings),
    Operation("ListModels", "GET", "/models", _EVERYBODY, models.list_models),
    Operation("CreateModel", "POST", "/models", _EVERYBODY, models.create_model, schemas.CREATE_MODEL),
    Operation("GetModel", "GET", "/models/{modelId}", _EVERYBODY, models.get_model),
    Operation("DeleteModel", "DELETE", "/models/{modelId}", _EVERYBODY, models.delete_model),
    Operation("StopModel", "PATCH", "/models/{modelId}", _EVERYBODY, models.stop_model),
)

_PATTERNS = tuple((operation, operation.pattern) for operation in OPERATIONS)


def find_operation(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation and the parameters in its path; None for what the gateway does not have."""
    for operation, pattern in _PATTERNS:
        if operation.method == method and (match := pattern.fullmatch(path)):
            return operation, match.groupdict()
    return None
