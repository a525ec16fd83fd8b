"""Races, which the service calls leaderboards."""

import secrets

from integrations.sandbox.aws.deepracer.errors import invalid, limit_exceeded, missing
from integrations.sandbox.aws.deepracer.members import LEADERBOARD_ARN, PAGING, STANDARD
from integrations.sandbox.aws.deepracer.operation import Body, Caller, Operation, milliseconds
from integrations.sandbox.aws.deepracer.paging import page
from integrations.sandbox.aws.deepracer.race_members import DEFINITION, FEATURES, RACE_CONFIG, TAGS
from integrations.sandbox.aws.deepracer.shapes import Many, Structure, Whole
from integrations.sandbox.aws.deepracer.tracks import is_track
from integrations.sandbox.racing.accounts import Account, Race
from integrations.sandbox.racing.races import RaceStatus, race_status

MOST_RACES = 50  # private leaderboards of an account that are not over

_ORGANIZER = "ADMIN"
_UNCHANGED = (
    "MinimumLaps",
    "TerminationConditions",
    "TimingMethod",
    "ParticipationConfig",
    "CarControlConfig",
    "Moderated",
    "SubmissionsPerUser",
)
_DESCRIPTION = {"Definition": DEFINITION, "RaceConfig": RACE_CONFIG, "Features": FEATURES}
_OF_RACE = Structure({"LeaderboardArn": LEADERBOARD_ARN})


def create_leaderboard(caller: Caller, request: Body) -> Body:
    """Two of one name are two races."""
    account, definition = caller.account, request["Definition"]
    _check_description(request)
    if definition["CloseTime"] <= milliseconds(caller.moment.real):
        raise invalid("Definition.CloseTime must be in the future.")
    statuses = [race_status(race, moment=caller.moment) for race in account.races.values()]
    if sum(status is not RaceStatus.CLOSED for status in statuses) >= MOST_RACES:
        raise limit_exceeded(f"An account can have {MOST_RACES} private leaderboards.")
    race = Race(account.new_id(), "", 0, 0, caller.moment.real, {})
    _describe_anew(race, request)
    account.races[race.race_id] = race
    return {"LeaderboardArn": race_arn(account, race)}


def edit_leaderboard(caller: Caller, request: Body) -> Body:
    """Replaces all of the description: what is left out is gone."""
    race = race_of(caller.account, request["Arn"])
    _check_description(request)
    _describe_anew(race, request)
    return {}


def delete_leaderboard(caller: Caller, request: Body) -> Body:
    del caller.account.races[race_of(caller.account, request["LeaderboardArn"]).race_id]
    return {}


def get_leaderboard(caller: Caller, request: Body) -> Body:
    return {"Leaderboard": _describe(caller, race_of(caller.account, request["LeaderboardArn"]))}


def list_leaderboards(caller: Caller, request: Body) -> Body:
    """Private races show up for a role in them; asked without roles, only the public ones do, and there are none."""
    organizes = _ORGANIZER in request.get("LeaderboardAccessRoles", [])
    described = [_describe(caller, race) for race in caller.account.races.values()] if organizes else []
    cutoff, league = request.get("CutoffTime", 0), request.get("LeagueType")
    kept = [race for race in described if race["CloseTime"] >= cutoff and league in (None, race["LeagueType"])]
    races, more = page(list(enumerate(kept)), request)
    return {"Leaderboards": races, **more}


def create_access_token(caller: Caller, request: Body) -> Body:
    """The one before is void from now on; the link ends with the race at the latest."""
    race, expires_at = race_of(caller.account, request["LeaderboardArn"]), request.get("ExpirationTime")
    if expires_at is not None and expires_at <= milliseconds(caller.moment.real):
        raise invalid("ExpirationTime must be in the future.")
    race.access_token = secrets.token_urlsafe(24)
    race.token_expires_at = race.closes_at if expires_at is None else min(race.closes_at, expires_at / 1000)
    return {"AccessToken": race.access_token}


def race_of(account: Account, arn: str) -> Race:
    """Raises DeepRacerError, also for what is another account's."""
    race = account.races.get(arn.rpartition("/")[2])
    if race is None or race_arn(account, race) != arn:
        raise missing(arn)
    return race


def race_arn(account: Account, race: Race) -> str:
    return f"arn:aws:deepracer::{account.account_id}:leaderboard/{race.race_id}"


def _check_description(request: Body) -> None:
    definition = request["Definition"]
    if definition["CloseTime"] <= definition["LaunchTime"]:
        raise invalid("Definition.CloseTime must be later than Definition.LaunchTime.")
    if not is_track(definition["TrackArn"]):
        raise invalid("Definition.TrackArn is no track.")


def _describe_anew(race: Race, request: Body) -> None:
    definition, config = request["Definition"], request["RaceConfig"]
    race.name = definition["Name"]
    race.opens_at, race.closes_at = definition["LaunchTime"] / 1000, definition["CloseTime"] / 1000
    race.submissions_per_racer = max(0, config.get("SubmissionsPerUser", 0))
    race.definition = {name: request[name] for name in _DESCRIPTION}


def _describe(caller: Caller, race: Race) -> Body:
    definition = race.definition["Definition"]
    return {
        **{name: value for name, value in definition.items() if name != "Division"},
        "Arn": race_arn(caller.account, race),
        "Description": definition.get("Description", race.name),
        "Status": race_status(race, moment=caller.moment).value,
        "ParticipantCount": len(race.participants),
        "LeaderboardAccessRoles": [_ORGANIZER],
        **_describe_config(race.definition["RaceConfig"]),
    }


def _describe_config(config: Body) -> Body:
    """The same settings under the other names that they are read by."""
    race_type = config["RaceTypeConfig"]
    renamed = {
        "ResettingBehaviorConfig": config["ResettingBehavior"],
        "RaceType": race_type["RaceType"],
        "ObjectAvoidanceConfig": race_type.get("ObjectAvoidance"),
        "HeadToHeadConfig": race_type.get("HeadToHead"),
    }
    kept = {name: config[name] for name in _UNCHANGED if name in config}
    return kept | {name: value for name, value in renamed.items() if value is not None}


OPERATIONS = {
    "CreateLeaderboard": Operation(Structure(_DESCRIPTION, {"Tags": TAGS}), create_leaderboard),
    "EditLeaderboard": Operation(Structure({"Arn": LEADERBOARD_ARN, **_DESCRIPTION}), edit_leaderboard),
    "DeleteLeaderboard": Operation(_OF_RACE, delete_leaderboard),
    "GetLeaderboard": Operation(_OF_RACE, get_leaderboard),
    "ListLeaderboards": Operation(
        Structure(
            {},
            {
                **PAGING,
                "LeagueType": STANDARD,
                "LeaderboardAccessRoles": Many(STANDARD),
                "CutoffTime": Whole(),
            },
        ),
        list_leaderboards,
    ),
    "CreateLeaderboardAccessToken": Operation(
        Structure({"LeaderboardArn": LEADERBOARD_ARN}, {"ExpirationTime": Whole()}), create_access_token
    ),
}
