"""Operations about leaderboards, the service's word for races. Everybody in the deployment sees all of them."""

from datetime import datetime
from typing import Any

from integrations.sandbox.droa.calls import Body, Call, page, timestamp
from integrations.sandbox.droa.errors import bad_request, not_found
from integrations.sandbox.droa.profiles import avatar_of
from integrations.sandbox.droa.tracks import DIRECTIONS
from integrations.sandbox.racing.accounts import Race
from integrations.sandbox.racing.races import RaceStatus, Ranking, race_status, rank_race

_MOST_OBJECTS = 6


def list_leaderboards(call: Call) -> Body:
    """The one that closes first comes first."""
    ordered = {f"{timestamp(race.closes_at)} {race.race_id}": race for race in call.account.races.values()}
    shown, more = page(ordered, token=call.query.get("token"))
    return {"leaderboards": [_describe(race) for race in shown], **more}


def create_leaderboard(call: Call) -> Body:
    """Anew every time: neither name nor anything else is unique."""
    definition = call.body["leaderboardDefinition"]
    _check(definition)
    race = Race(
        race_id=call.account.new_id(),
        name=definition["name"],
        opens_at=_seconds(definition["openTime"]),
        closes_at=_seconds(definition["closeTime"]),
        created_at=call.moment.real,
        definition=definition,
        submissions_per_racer=definition["maxSubmissionsPerUser"],
    )
    call.account.races[race.race_id] = race
    return {"leaderboardId": race.race_id}


def get_leaderboard(call: Call) -> Body:
    return {"leaderboard": _describe(_require(call))}


def edit_leaderboard(call: Call) -> Body:
    """As a whole, and only before it opens: so no race can be closed early or kept open longer."""
    race = _require(call)
    definition = call.body.get("leaderboardDefinition")
    if definition is None:
        raise bad_request("leaderboardDefinition is required.")
    if race_status(race, moment=call.moment) is not RaceStatus.UPCOMING:
        raise bad_request("Can only edit future leaderboards that have not started yet.")
    _check(definition)
    race.name, race.definition = definition["name"], definition
    race.opens_at, race.closes_at = _seconds(definition["openTime"]), _seconds(definition["closeTime"])
    race.submissions_per_racer = definition["maxSubmissionsPerUser"]
    return {"leaderboard": _describe(race)}


def delete_leaderboard(call: Call) -> Body:
    race = _require(call)
    if race_status(race, moment=call.moment) is RaceStatus.OPEN:
        raise bad_request("Unable to delete an open leaderboard.")
    del call.account.races[race.race_id]
    return {}


def list_rankings(call: Call) -> Body:
    """Racers by alias alone: as it was when they submitted, and no matter whether they still have a profile."""
    race = _require(call)
    ordered = {f"{ranking.rank:08}": ranking for ranking in rank_race(race)}
    shown, more = page(ordered, token=call.query.get("token"))
    return {"rankings": [_describe_ranking(call, race, ranking) for ranking in shown], **more}


def _check(definition: dict[str, Any]) -> None:
    track, laps = definition["trackConfig"], definition["submissionTerminationConditions"]
    if track["trackDirection"] not in DIRECTIONS[track["trackId"]]:
        message = f"Track {track['trackId']} is not available in direction {track['trackDirection']}."
        raise bad_request(f"Invalid track configuration. {message}")
    if _seconds(definition["openTime"]) >= _seconds(definition["closeTime"]):
        raise bad_request("Opening time cannot be after close time.")
    if laps["maximumLaps"] < laps["minimumLaps"]:
        raise bad_request("Invalid maximum and minimum laps.")
    objects = definition.get("objectAvoidanceConfig", {}).get("numberOfObjects", 0)
    if definition["raceType"] == "OBJECT_AVOIDANCE" and not 1 <= objects <= _MOST_OBJECTS:
        raise bad_request("Number of obstacle positions is invalid.")


def _require(call: Call) -> Race:
    race = call.account.races.get(call.path["leaderboardId"])
    if race is None:
        raise not_found()
    return race


def _describe(race: Race) -> Body:
    """The description that was given does not come back."""
    kept = {key: value for key, value in race.definition.items() if key != "description"}
    return {
        "isLive": False,
        **kept,
        "openTime": timestamp(race.opens_at),
        "closeTime": timestamp(race.closes_at),
        "leaderboardId": race.race_id,
        "participantCount": len(rank_race(race)),
    }


def _describe_ranking(call: Call, race: Race, ranking: Ranking) -> Body:
    best = ranking.best
    laps = max(1, race.definition["submissionTerminationConditions"]["minimumLaps"])
    total = race.definition["timingMethod"] == "TOTAL_TIME"
    lap = max(1, best.time_milliseconds // laps) if total else best.time_milliseconds
    counts = dict.fromkeys(("avgResets", "collisionCount", "offTrackCount", "resetCount"), 0)
    times = {"avgLapTime": lap, "bestLapTime": lap, "totalLapTime": best.time_milliseconds if total else lap * laps}
    return {
        "rank": ranking.rank,
        "rankingScore": best.time_milliseconds,
        "stats": {**times, **counts, "completedLapCount": laps},
        "submissionNumber": ranking.count,
        "submittedAt": timestamp(best.submitted_at),
        "videoUrl": f"https://models.example/{race.race_id}/{ranking.rank}.mp4",
        "userProfile": {"alias": best.alias, "avatar": avatar_of(call.deployment, best.profile_id)},
    }


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
