"""Shapes of races."""

from integrations.sandbox.aws.deepracer.members import ARN, MODEL_ARN, STANDARD
from integrations.sandbox.aws.deepracer.shapes import Decimal, Flag, Many, Structure, Text, Whole

_COUNT = Whole(least=0)
_OBSTACLE_TYPE = Text(choices=("BOX",))
_OBSTACLES = Many(Structure({"LaneNumber": _COUNT, "TrackPercentage": Decimal(least=0)}))
_TOURNAMENT = Structure({"Size": _COUNT, "ResultsReleaseTimes": Many(Whole())})

DEFINITION = Structure(
    {
        "Name": Text(r"[a-zA-Z0-9\-]+", longest=64),
        "Visibility": STANDARD,
        "LaunchTime": Whole(),
        "CloseTime": Whole(),
        "TrackArn": ARN,
        "LeagueType": STANDARD,
    },
    {
        "Description": Text(r".+", longest=255),
        "TrackFeatures": Structure({"Direction": Text(choices=("CLOCKWISE", "COUNTER_CLOCKWISE"))}),
        "Division": Text(longest=64),
        "Tags": STANDARD,
        "TermsConditionId": Text(r"[a-zA-Z0-9\-]+", longest=255),
    },
)

_OBJECT_AVOIDANCE = Structure(
    {"NumObstacles": Whole(), "ObstacleType": _OBSTACLE_TYPE, "RandomizeLocation": Flag()},
    {"ObstaclePositions": _OBSTACLES},
)
_HEAD_TO_HEAD = Structure(
    {"HeadToHeadType": Text(choices=("POLICY_DRIVEN_VEHICLE", "BOT_VEHICLE"))},
    {
        "PolicyModelArn": MODEL_ARN,
        "PolicyModelName": STANDARD,
        "NumBotCars": Whole(),
        "BotCarSpeed": Decimal(),
        "EnableLaneChange": Flag(),
        "LowerLaneChangeTime": Decimal(),
        "UpperLaneChangeTime": Decimal(),
        "NumObstacles": Whole(),
        "ObstaclePositions": _OBSTACLES,
        "ObstacleType": _OBSTACLE_TYPE,
        "RandomizeLocation": Flag(),
    },
)

RACE_CONFIG = Structure(
    {
        "MinimumLaps": Whole(),
        "RaceTypeConfig": Structure(
            {"RaceType": Text(choices=("TIME_TRIAL", "OBJECT_AVOIDANCE", "HEAD_TO_HEAD_RACING"))},
            {"TimeTrial": Structure(), "ObjectAvoidance": _OBJECT_AVOIDANCE, "HeadToHead": _HEAD_TO_HEAD},
        ),
        "ResettingBehavior": Structure(
            {},
            {
                "IsContinuousLap": Flag(),
                "AllowReset": Flag(),
                "MaxResetTimes": Whole(),
                "PenaltySeconds": Whole(),
                "CutOffSeconds": Whole(),
                "CollisionPenaltySeconds": Decimal(),
                "OffTrackPenaltySeconds": Decimal(),
            },
        ),
        "TerminationConditions": Structure({}, {"MaxTimeInMinutes": Whole(), "MaxLaps": Whole()}),
        "TimingMethod": Text(choices=("BEST_LAP_TIME", "AVG_LAP_TIME", "TOTAL_TIME")),
    },
    {
        "ParticipationConfig": Structure(
            {
                "EntryTypeConfig": Structure({"InvitationEntryType": STANDARD}, {"RacingDivisionEntryType": STANDARD}),
                "ViewType": STANDARD,
            }
        ),
        "CarControlConfig": Structure({"CarSpeedControl": Flag()}),
        "Moderated": Flag(),
        "SubmissionsPerUser": Whole(),
    },
)

FEATURES = Structure(
    {},
    {
        "Theme": Structure({}, {"ThemeID": Text(longest=64)}),
        "RacingDivisionEnabled": Flag(),
        "Playoff": Structure(
            {"PlayoffType": STANDARD},
            {
                "LaunchTime": Whole(),
                "GrandPrix": Structure({"RaceArn": ARN, "ResultReleaseTime": Whole()}),
                "Tournament": _TOURNAMENT,
                "Live": Structure({"RaceArn": ARN}),
            },
        ),
        "AttachedRewards": Many(STANDARD),
        "CountryStatsEnabled": Flag(),
    },
)

TAGS = Many(Structure({"Key": STANDARD, "Value": STANDARD}))
