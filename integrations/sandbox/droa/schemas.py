"""What the gateway demands of request bodies, as JSON schemas; it looks at nothing else before a handler runs."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft4Validator  # type: ignore[import-untyped]

from integrations.sandbox.droa.deployments import GROUPS
from integrations.sandbox.droa.errors import invalid_body
from integrations.sandbox.droa.tracks import DIRECTIONS

Schema = dict[str, Any]

RESOURCE_ID = "^[A-Za-z0-9]{15}$"

_WHOLE: Schema = {"type": "integer"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_POSITIVE: Schema = {"type": "integer", "minimum": 1}
_AMOUNT: Schema = {"type": "number", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
_ID: Schema = {"type": "string", "pattern": RESOURCE_ID}
_AVATAR_ITEM: Schema = {"type": "string", "maxLength": 40, "pattern": "^[a-zA-Z0-9\\- ]*$"}


def check_body(schema: Schema, body: object) -> None:
    """Raises ApiError with the first thing that is wrong."""
    for error in Draft4Validator(schema).iter_errors(body):
        raise invalid_body(error.message)


def _object(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    demanded = {"required": list(required)} if required else {}  # an empty list is no valid schema
    return {"type": "object", "properties": {**required, **optional}, **demanded}


def _text(pattern: str, *, most: int, least: int = 1) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most, "pattern": pattern}


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


_TRACK = _object(
    {"trackId": _one_of(*DIRECTIONS), "trackDirection": _one_of("CLOCKWISE", "COUNTER_CLOCKWISE")},
)
_RACE_TYPE = _one_of("TIME_TRIAL", "OBJECT_AVOIDANCE")
_POSITION = _object(
    {
        "laneNumber": {"type": "integer", "minimum": -1, "maximum": 1},
        "trackPercentage": {"type": "number", "minimum": 0, "maximum": 1},
    }
)
_OBJECTS = _object({"numberOfObjects": _COUNT}, objectPositions={"type": "array", "items": _POSITION})

_LEADERBOARD = _object(
    {
        "name": _text(r"^.*\S.*$", most=64),
        "openTime": _TIME,
        "closeTime": _TIME,
        "trackConfig": _TRACK,
        "raceType": _RACE_TYPE,
        "maxSubmissionsPerUser": _COUNT,
        "resettingBehaviorConfig": _object(
            {"continuousLap": _FLAG}, collisionPenaltySeconds=_AMOUNT, offTrackPenaltySeconds=_AMOUNT
        ),
        "submissionTerminationConditions": _object(
            {"minimumLaps": _COUNT, "maximumLaps": _COUNT}, maxTimeInMinutes=_COUNT
        ),
        "timingMethod": _one_of("AVG_LAP_TIME", "BEST_LAP_TIME", "TOTAL_TIME"),
    },
    description=_text(r"^.*\S.*$", most=255),
    objectAvoidanceConfig=_OBJECTS,
    isLive=_FLAG,
    liveEventTime=_TIME,
    maxResets=_COUNT,
    submissionPeriodOpen=_FLAG,
)

_MODEL = _object(
    {
        "name": _text("^[a-zA-Z0-9-]+$", most=64),
        "carCustomization": _object({"carColor": {"type": "string"}, "carShell": {"type": "string"}}),
        "trainingConfig": _object(
            {"trackConfig": _TRACK, "maxTimeInMinutes": _POSITIVE, "raceType": _RACE_TYPE},
            objectAvoidanceConfig=_OBJECTS,
            minEvalTrials=_POSITIVE,
        ),
        "metadata": _object(
            {
                "agentAlgorithm": _one_of("PPO", "SAC"),
                "rewardFunction": {"type": "string", "minLength": 1, "maxLength": 140_000},
                "hyperparameters": {"type": "object"},
                "actionSpace": {"type": "object"},
                "sensors": {"type": "object"},
            }
        ),
    },
    description=_text("^[a-zA-Z0-9- ]+$", most=255),
)

CREATE_PROFILE = _object({"emailAddress": {"type": "string"}})
UPDATE_PROFILE = _object(
    {},
    alias=_text(r"^[\w-]+$", least=2, most=64),
    avatar={"type": "object", "additionalProperties": _AVATAR_ITEM},
    computeMinutesUsed=_COUNT,
    computeMinutesQueued=_COUNT,
    maxTotalComputeMinutes=_WHOLE,
    maxModelCount=_WHOLE,
    profileId=_ID,
)
UPDATE_GROUP_MEMBERSHIP = _object({"profileId": _ID, "targetUserPoolGroup": _one_of(*GROUPS)})
UPDATE_GLOBAL_SETTING = _object({"value": {}})
CREATE_LEADERBOARD = _object({"leaderboardDefinition": _LEADERBOARD})
EDIT_LEADERBOARD = _object({}, leaderboardDefinition=_LEADERBOARD)
CREATE_MODEL = _object({"modelDefinition": _MODEL}, preTrainedModelId=_ID)
