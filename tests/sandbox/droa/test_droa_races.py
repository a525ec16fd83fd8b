"""Leaderboards of DeepRacer on AWS."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.droa import world
from tests.sandbox.droa.racers import control, racer_id
from tests.sandbox.droa.world import TABLE, TRACK, Account, Api
from tests.support.sandbox import Sandbox

FUTURE = timedelta(hours=1)
PAST = timedelta(hours=-1)


def definition(*, opens: timedelta = PAST, closes: timedelta = FUTURE, **changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "name": "Spring race",
        "description": "Come all",
        "openTime": (now + opens).isoformat(),
        "closeTime": (now + closes).isoformat(),
        "trackConfig": TRACK,
        "raceType": "TIME_TRIAL",
        "maxSubmissionsPerUser": 5,
        "resettingBehaviorConfig": {"continuousLap": True},
        "submissionTerminationConditions": {"minimumLaps": 3, "maximumLaps": 3},
        "timingMethod": "TOTAL_TIME",
        **changes,
    }


def create(admin: Api, **changes: Any) -> str:
    answer = admin.call("POST", "/leaderboards", {"leaderboardDefinition": definition(**changes)})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["leaderboardId"])


def test_a_race_is_found_among_all(admin: Api) -> None:
    first, second = create(admin, closes=2 * FUTURE), create(admin)
    listed = admin.call("GET", "/leaderboards").json()
    assert [race["leaderboardId"] for race in listed["leaderboards"]] == [second, first]  # by the time of closing
    race = admin.call("GET", f"/leaderboards/{first}").json()["leaderboard"]
    assert (race["name"], race["participantCount"], race["openTime"][-1]) == ("Spring race", 0, "Z")
    assert "description" not in race
    assert admin.call("GET", "/leaderboards/unknownunknown1").status_code == 404


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"name": " "}, "errorMessage"),
        ({"name": "x" * 65}, "errorMessage"),
        ({"openTime": "tomorrow"}, "errorMessage"),
        ({"timingMethod": "LUCK"}, "errorMessage"),
        ({"opens": 2 * FUTURE}, "message"),
        ({"submissionTerminationConditions": {"minimumLaps": 3, "maximumLaps": 2}}, "message"),
        ({"trackConfig": {**TRACK, "trackDirection": "CLOCKWISE"}}, "message"),
        ({"raceType": "OBJECT_AVOIDANCE"}, "message"),
    ],
)
def test_a_race_that_is_not_right_is_refused(admin: Api, changes: dict[str, Any], key: str) -> None:
    answer = admin.call("POST", "/leaderboards", {"leaderboardDefinition": definition(**changes)})
    assert (answer.status_code, key in answer.json()) == (400, True)


def test_a_race_is_edited_before_it_opens(admin: Api) -> None:
    ahead = {"opens": FUTURE, "closes": 2 * FUTURE}
    race_id = create(admin, **ahead)
    edit = {"leaderboardDefinition": definition(**ahead, name="Summer race")}
    assert admin.call("PATCH", f"/leaderboards/{race_id}", edit).json()["leaderboard"]["name"] == "Summer race"
    assert admin.call("PATCH", f"/leaderboards/{race_id}", {}).status_code == 400
    opened = create(admin)
    answer = admin.call("PATCH", f"/leaderboards/{opened}", edit)
    assert (answer.status_code, "have not started yet" in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    ("opens", "closes", "status"), [(FUTURE, 2 * FUTURE, 200), (PAST, FUTURE, 400), (2 * PAST, PAST, 200)]
)
def test_a_race_is_deleted_unless_it_is_open(admin: Api, opens: timedelta, closes: timedelta, status: int) -> None:
    race_id = create(admin, opens=opens, closes=closes)
    assert admin.call("DELETE", f"/leaderboards/{race_id}").status_code == status
    assert admin.call("GET", f"/leaderboards/{race_id}").status_code == (404 if status == 200 else 200)


def test_rankings_know_aliases_alone(
    deployment: Sandbox, admin: Api, account: Account, make_racer: Callable[[str], Api]
) -> None:
    racer, _ = make_racer("ann"), make_racer("bob")
    race_id = create(admin)
    runs = [("ann", 61_000), ("ann", 60_000), ("bob", 60_500)]
    results = [{"alias": alias, "time_ms": time} for alias, time in runs]
    control(deployment, "submit", account_id=world.ACCOUNT, race=race_id, results=results)
    assert admin.call("DELETE", f"/profiles/{racer_id('bob')}").status_code == 200  # the result stays
    rows = racer.call("GET", f"/leaderboards/{race_id}/rankings").json()["rankings"]
    seen = [(r["rank"], r["userProfile"]["alias"], r["rankingScore"], r["submissionNumber"]) for r in rows]
    assert seen == [(1, "ann", 60_000, 2), (2, "bob", 60_500, 1)]
    assert rows[0]["stats"]["totalLapTime"] == 60_000
    assert "profileId" not in str(rows)
    assert admin.call("GET", f"/leaderboards/{race_id}").json()["leaderboard"]["participantCount"] == 2
    stored = account.client("dynamodb").query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"leaderboard_{race_id}"}},
    )["Items"]
    assert {row["profileId"]["S"] for row in stored} == {racer_id("ann"), racer_id("bob")}


def test_rankings_come_by_the_hundred(deployment: Sandbox, admin: Api) -> None:
    race_id = create(admin)
    results = [{"alias": f"guest-{number}", "time_ms": 60_000 + number} for number in range(120)]
    control(deployment, "submit", account_id=world.ACCOUNT, race=race_id, results=results)
    pages = list(admin.pages(f"/leaderboards/{race_id}/rankings", "rankings"))
    assert [len(rows) for rows in pages] == [100, 20]
    assert [row["rank"] for rows in pages for row in rows] == list(range(1, 121))
