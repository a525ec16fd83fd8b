"""A race as the service wants it described: in full, each time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.racing.multi_user.moments import from_milliseconds, to_milliseconds
from integrations.racing.protocol import RaceDefinition, RaceType, SeenRace, Timing

# Legal values of these two are not published. The league type has been seen in use; a private race is one that is
# joined by its link.
VISIBILITY = "PRIVATE"
LEAGUE_TYPE = "VIRTUAL"

LONGEST_DESCRIPTION = 255
NUMBER_OF_OBSTACLES = 3

TIMING_METHODS = {
    Timing.BEST_LAP: "BEST_LAP_TIME",
    Timing.AVERAGE_LAP: "AVG_LAP_TIME",
    Timing.TOTAL_TIME: "TOTAL_TIME",
}
_RACE_TYPES: dict[RaceType, dict[str, Any]] = {
    RaceType.TIME_TRIAL: {"RaceType": "TIME_TRIAL", "TimeTrial": {}},
    RaceType.OBJECT_AVOIDANCE: {
        "RaceType": "OBJECT_AVOIDANCE",
        "ObjectAvoidance": {"NumObstacles": NUMBER_OF_OBSTACLES, "ObstacleType": "BOX", "RandomizeLocation": True},
    },
}


def describe_race(definition: RaceDefinition) -> dict[str, Any]:
    """The part that creating and editing have in common."""
    return {
        "Definition": {
            "Name": definition.name,
            "Description": _description(definition),
            "Visibility": VISIBILITY,
            "LaunchTime": to_milliseconds(definition.opens_at),
            "CloseTime": to_milliseconds(definition.closes_at),
            "TrackArn": definition.track,
            "LeagueType": LEAGUE_TYPE,
        },
        "RaceConfig": {
            "MinimumLaps": definition.laps,
            "RaceTypeConfig": _RACE_TYPES[definition.race_type],
            "ResettingBehavior": {"AllowReset": True},
            "TerminationConditions": {"MaxLaps": definition.laps},
            "TimingMethod": TIMING_METHODS[definition.timing],
            "SubmissionsPerUser": definition.submissions_per_racer,
        },
        "Features": {},
    }


def read_race(answer: dict[str, Any]) -> SeenRace:
    """From the other names that the service reads the same settings out by."""
    timings = {word: timing for timing, word in TIMING_METHODS.items()}
    race_types = {race_type.name: race_type for race_type in _RACE_TYPES}
    return SeenRace(
        name=answer["Name"],
        description=answer.get("Description"),
        opens_at=from_milliseconds(answer.get("LaunchTime")),
        closes_at=from_milliseconds(answer.get("CloseTime")),
        track=answer.get("TrackArn"),
        race_type=race_types.get(answer.get("RaceType", "")),
        timing=timings.get(answer.get("TimingMethod", "")),
        laps=answer.get("MinimumLaps"),
        submissions_per_racer=answer.get("SubmissionsPerUser"),
    )


def _description(definition: RaceDefinition) -> str:
    """The service takes one line of 1 to 255 characters."""
    text = " ".join(definition.description.split()) or definition.name
    return text if len(text) <= LONGEST_DESCRIPTION else text[: LONGEST_DESCRIPTION - 1] + "…"


def closed_now(definition: RaceDefinition) -> RaceDefinition:
    """A race that has not opened yet opens a minute earlier than it closes: never after it."""
    now = datetime.now(UTC)
    opens_at = min(definition.opens_at, now - timedelta(minutes=1))
    return replace(definition, opens_at=opens_at, closes_at=min(definition.closes_at, now))
