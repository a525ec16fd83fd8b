"""Races of a deployment, which it calls leaderboards."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws.profiles import parse_time
from integrations.racing.deepracer_on_aws.refusals import NOT_FOUND
from integrations.racing.deepracer_on_aws.rest import RestClient
from integrations.racing.deepracer_on_aws.tracks import track_direction
from integrations.racing.protocol import RaceDefinition, RaceResult, RaceType, SeenRace, Timing

_RACE_TYPES = {RaceType.TIME_TRIAL: "TIME_TRIAL", RaceType.OBJECT_AVOIDANCE: "OBJECT_AVOIDANCE"}
_TIMINGS = {
    Timing.BEST_LAP: "BEST_LAP_TIME",
    Timing.AVERAGE_LAP: "AVG_LAP_TIME",
    Timing.TOTAL_TIME: "TOTAL_TIME",
}
# Left out, the boxes would stand elsewhere for every racer.
_BOXES = {
    "numberOfObjects": 2,
    "objectPositions": [
        {"laneNumber": 1, "trackPercentage": 0.3},
        {"laneNumber": -1, "trackPercentage": 0.7},
    ],
}
_PENALTY_SECONDS = 1


def find_race(client: RestClient, name: str) -> str | None:
    for page in client.read_pages("/leaderboards", "leaderboards"):
        for race in page:
            if race.get("name") == name:
                return str(race["leaderboardId"])
    return None


def create_race(client: RestClient, definition: RaceDefinition) -> str:
    existing = find_race(client, definition.name)
    if existing is not None:
        return existing
    answer = client.call("POST", "/leaderboards", body={"leaderboardDefinition": _to_body(definition)})
    return str(answer["leaderboardId"])


def see_race(client: RestClient, service_id: str) -> SeenRace | None:
    try:
        race = client.read(f"/leaderboards/{service_id}")["leaderboard"]
    except IntegrationError as error:
        if error.code != NOT_FOUND:
            raise
        return None
    race_types = {word: race_type for race_type, word in _RACE_TYPES.items()}
    timings = {word: timing for timing, word in _TIMINGS.items()}
    return SeenRace(
        name=race["name"],
        description=None,
        opens_at=parse_time(race.get("openTime")),
        closes_at=parse_time(race.get("closeTime")),
        track=race.get("trackConfig", {}).get("trackId"),
        race_type=race_types.get(race.get("raceType")),
        timing=timings.get(race.get("timingMethod")),
        laps=race.get("submissionTerminationConditions", {}).get("minimumLaps"),
        submissions_per_racer=race.get("maxSubmissionsPerUser"),
    )


def edit_race(client: RestClient, service_id: str, definition: RaceDefinition) -> None:
    client.call("PATCH", f"/leaderboards/{service_id}", body={"leaderboardDefinition": _to_body(definition)})


def close_race(client: RestClient, service_id: str, definition: RaceDefinition) -> None:
    """A race that is over is success. Before it opens, its times are put into the past; after that it runs its time.

    Submissions to a live race can be closed at any moment.
    """
    race = client.read(f"/leaderboards/{service_id}").get("leaderboard") or {}
    now = datetime.now(UTC)
    closes_at = parse_time(race.get("closeTime")) or definition.closes_at
    opens_at = parse_time(race.get("openTime")) or definition.opens_at
    if race.get("isLive"):
        client.call("PATCH", f"/leaderboards/{service_id}", body={"submissionPeriodOpen": False})
    elif opens_at > now:
        past = {"openTime": _to_time(now - timedelta(minutes=2)), "closeTime": _to_time(now - timedelta(minutes=1))}
        body = {"leaderboardDefinition": _to_body(definition) | past}
        client.call("PATCH", f"/leaderboards/{service_id}", body=body)
    elif closes_at > now:
        raise _stays_open(closes_at)


def delete_race(client: RestClient, service_id: str) -> None:
    try:
        client.call("DELETE", f"/leaderboards/{service_id}")
    except IntegrationError as error:
        if error.code != NOT_FOUND:
            raise


def list_results(client: RestClient, service_id: str) -> Iterator[list[RaceResult]]:
    """Each racer's best submission; it is named by the alias alone."""
    for page in client.read_pages(f"/leaderboards/{service_id}/rankings", "rankings"):
        yield [_to_result(record) for record in page]


def _to_body(definition: RaceDefinition) -> dict[str, Any]:
    """Without the description, which the service forgets when it creates a race."""
    body: dict[str, Any] = {
        "name": definition.name,
        "openTime": _to_time(definition.opens_at),
        "closeTime": _to_time(definition.closes_at),
        "trackConfig": {"trackId": definition.track, "trackDirection": track_direction(definition.track)},
        "raceType": _RACE_TYPES[definition.race_type],
        "timingMethod": _TIMINGS[definition.timing],
        "maxSubmissionsPerUser": definition.submissions_per_racer,
        "resettingBehaviorConfig": {
            "continuousLap": True,
            "offTrackPenaltySeconds": _PENALTY_SECONDS,
            "collisionPenaltySeconds": _PENALTY_SECONDS,
        },
        "submissionTerminationConditions": {"minimumLaps": definition.laps, "maximumLaps": definition.laps},
    }
    return body | ({"objectAvoidanceConfig": _BOXES} if definition.race_type is RaceType.OBJECT_AVOIDANCE else {})


def _to_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _to_result(record: Mapping[str, Any]) -> RaceResult:
    return RaceResult(
        rank=int(record["rank"]),
        alias=str((record.get("userProfile") or {}).get("alias", "")),
        profile_id="",
        time_milliseconds=round(float(record["rankingScore"])),
        # The number of the best one; whether others came after it is not told.
        submissions=int(record.get("submissionNumber") or 1),
        submitted_at=parse_time(record.get("submittedAt")),
    )


def _stays_open(closes_at: datetime) -> IntegrationError:
    return IntegrationError(
        "DeepRacer on AWS cannot end a race that has opened. This one ends by itself on "
        f"{closes_at.astimezone(UTC):%d %B %Y at %H:%M} UTC.",
        permanent=True,
        code="RaceOpen",
    )
