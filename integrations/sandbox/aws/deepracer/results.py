"""Who takes part in a race, and how fast."""

import uuid

from integrations.sandbox.aws.deepracer.leaderboards import race_of
from integrations.sandbox.aws.deepracer.members import LEADERBOARD_ARN, PAGING, STANDARD
from integrations.sandbox.aws.deepracer.operation import Body, Caller, Operation, milliseconds
from integrations.sandbox.aws.deepracer.paging import page
from integrations.sandbox.aws.deepracer.shapes import Flag, Many, Structure
from integrations.sandbox.racing.accounts import Race
from integrations.sandbox.racing.races import Ranking, rank_race

_SPREAD = 1.04  # of an average lap over the best one


def list_submissions(caller: Caller, request: Body) -> Body:
    """Every racer's best one, by rank."""
    race = race_of(caller.account, request["LeaderboardArn"])
    rankings, more = page([(ranking.rank, ranking) for ranking in rank_race(race)], request)
    return {"LeaderboardSubmissions": [_describe(race, ranking) for ranking in rankings], **more}


def list_participants(caller: Caller, request: Body) -> Body:
    account, race = caller.account, race_of(caller.account, request["LeaderboardArn"])
    joined = [(user_id, at) for user_id, at in race.participants.items() if user_id in account.profiles]
    shown, more = page(list(enumerate(joined)), request)
    participants = [
        {
            "AccountId": account.account_id,
            "UserId": user_id,
            "Alias": account.profiles[user_id].alias,
            "JoinTime": milliseconds(joined_at),
        }
        for user_id, joined_at in shown
    ]
    return {"PrivateLeaderboardParticipants": participants, **more}


def _describe(race: Race, ranking: Ranking) -> Body:
    best = ranking.best
    return {
        "Alias": best.alias,
        "UserId": best.profile_id or str(uuid.uuid5(uuid.NAMESPACE_OID, best.alias)),
        "Rank": ranking.rank,
        "RankingScore": best.time_milliseconds,
        "SubmissionTime": milliseconds(best.submitted_at),
        "SubmissionCount": ranking.count,
        "LeaderboardSubmissionStatusType": "SUCCESS",
        **_lap_times(race, best.time_milliseconds),
    }


def _lap_times(race: Race, ranked: int) -> Body:
    """The ranked time is what the race is decided by; the other two are made to fit it."""
    config = race.definition["RaceConfig"]
    laps, method = max(1, config["MinimumLaps"]), config["TimingMethod"]
    average = {"BEST_LAP_TIME": ranked * _SPREAD, "AVG_LAP_TIME": ranked, "TOTAL_TIME": ranked / laps}[method]
    return {
        "LapCount": laps,
        "BestLapTime": ranked if method == "BEST_LAP_TIME" else int(average / _SPREAD),
        "AvgLapTime": int(average),
        "TotalLapTime": ranked if method == "TOTAL_TIME" else int(average * laps),
    }


OPERATIONS = {
    "ListLeaderboardSubmissions": Operation(
        Structure({"LeaderboardArn": LEADERBOARD_ARN}, {**PAGING, "GetTopRacer": Flag()}), list_submissions
    ),
    "ListPrivateLeaderboardParticipants": Operation(
        Structure(
            {"LeaderboardArn": LEADERBOARD_ARN},
            {**PAGING, "IncludeExtendedUserData": Flag(), "LeaderboardAccessRoles": Many(STANDARD)},
        ),
        list_participants,
    ),
}
