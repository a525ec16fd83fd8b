"""Races of the multi-user DeepRacer service."""

import time
from typing import Any

import pytest

from tests.sandbox.deepracer import TRACK, DeepRacer, Racers, race_request, refusal


def test_a_race_from_beginning_to_end(deepracer: DeepRacer, racers: Racers) -> None:
    ada, bob = racers.join("Ada", "Bob")
    arn = deepracer.call("CreateLeaderboard", **race_request())["LeaderboardArn"]
    results = [("Bob", 12_500), ("Ada", 11_000), ("Ada", 13_000), ("Guest", 11_500), ("Ada", 1)]
    outcomes = [submit(racers, arn, alias, time_ms)[alias]["accepted"] for alias, time_ms in results]
    assert outcomes == [True, True, True, True, False], "two submissions are allowed"
    ranked = deepracer.all("ListLeaderboardSubmissions", "LeaderboardSubmissions", LeaderboardArn=arn)
    rows = [(row["Rank"], row["Alias"], row["BestLapTime"], row["SubmissionCount"]) for row in ranked]
    assert rows == [(1, "Ada", 11_000, 2), (2, "Guest", 11_500, 1), (3, "Bob", 12_500, 1)]
    assert (ranked[0]["UserId"], ranked[2]["UserId"]) == (ada, bob)
    joined = deepracer.all("ListPrivateLeaderboardParticipants", "PrivateLeaderboardParticipants", LeaderboardArn=arn)
    assert {row["Alias"] for row in joined} == {"Ada", "Bob"}
    assert deepracer.call("GetLeaderboard", LeaderboardArn=arn)["Leaderboard"]["ParticipantCount"] == 2
    closed = race_request(CloseTime=int(time.time() * 1000) - 1)
    assert deepracer.call("EditLeaderboard", Arn=arn, **closed) == {}
    assert submit(racers, arn, "Bob", 1)["Bob"]["why"] == "The race is closed."
    assert len(deepracer.all("ListLeaderboardSubmissions", "LeaderboardSubmissions", LeaderboardArn=arn)) == 3
    assert deepracer.call("DeleteLeaderboard", LeaderboardArn=arn) == {}
    missing = refusal(lambda: deepracer.call("DeleteLeaderboard", LeaderboardArn=arn))
    assert missing.code == "ResourceDoesNotExistException"


def submit(racers: Racers, race: str, alias: str, time_ms: int) -> dict[str, Any]:
    outcomes: dict[str, Any] = racers.do("submit", race=race, results=[{"alias": alias, "time_ms": time_ms}])
    return outcomes


@pytest.mark.parametrize(
    ("opens_in_minutes", "closes_in_minutes", "status"), [(5, 9, "UPCOMING"), (-5, 9, "OPEN"), (-9, -5, "CLOSED")]
)
def test_the_state_of_a_race(deepracer: DeepRacer, opens_in_minutes: int, closes_in_minutes: int, status: str) -> None:
    arn = deepracer.call("CreateLeaderboard", **race_request())["LeaderboardArn"]
    now = int(time.time() * 1000)
    times = {"LaunchTime": now + opens_in_minutes * 60_000, "CloseTime": now + closes_in_minutes * 60_000}
    deepracer.call("EditLeaderboard", Arn=arn, **race_request(**times))
    race = deepracer.call("GetLeaderboard", LeaderboardArn=arn)["Leaderboard"]
    assert (race["Status"], race["LaunchTime"], race["CloseTime"]) == (status, *times.values())


def test_editing_replaces_everything(deepracer: DeepRacer) -> None:
    created = race_request(Description="Three laps", TrackFeatures={"Direction": "CLOCKWISE"})
    arn = deepracer.call("CreateLeaderboard", **created)["LeaderboardArn"]
    deepracer.call("EditLeaderboard", Arn=arn, **race_request(Name="Petit-Prix"))
    race = deepracer.call("GetLeaderboard", LeaderboardArn=arn)["Leaderboard"]
    assert (race["Name"], race["Description"]) == ("Petit-Prix", "Petit-Prix")
    assert "TrackFeatures" not in race


def test_races_are_listed_for_their_organizer(deepracer: DeepRacer) -> None:
    for _ in range(2):
        deepracer.call("CreateLeaderboard", **race_request())
    listed = deepracer.pages("ListLeaderboards", "Leaderboards", LeaderboardAccessRoles=["ADMIN"], MaxResults=1)
    assert [[race["Name"] for race in page] for page in listed] == [["Grand-Prix"], ["Grand-Prix"]]
    assert deepracer.all("ListLeaderboards", "Leaderboards") == []
    assert deepracer.all("ListLeaderboards", "Leaderboards", LeaderboardAccessRoles=["PARTICIPANT"]) == []


def test_a_new_invitation_voids_the_old_one(deepracer: DeepRacer, racers: Racers) -> None:
    racers.join("Ada")
    arn = deepracer.call("CreateLeaderboard", **race_request())["LeaderboardArn"]
    first, second = (
        deepracer.call("CreateLeaderboardAccessToken", LeaderboardArn=arn)["AccessToken"] for _ in range(2)
    )
    entered = [
        racers.do("enter", token=token, racers=["Ada"])["Ada"]["accepted"] for token in (first, second, "", "None")
    ]
    assert entered == [False, True, False, False]


def test_an_account_has_fifty_races(deepracer: DeepRacer) -> None:
    for _ in range(50):
        deepracer.call("CreateLeaderboard", **race_request())
    refused = refusal(lambda: deepracer.call("CreateLeaderboard", **race_request()))
    assert refused.code == "ResourceLimitExceededException"


def test_tracks(deepracer: DeepRacer) -> None:
    tracks = deepracer.pages("ListTracks", "Tracks", MaxResults=2)
    assert TRACK in {track["TrackArn"] for page in tracks for track in page}
    assert len(tracks) > 1
    assert deepracer.call("GetTrack", TrackArn=TRACK)["Track"]["TrackArn"] == TRACK
    missing = refusal(lambda: deepracer.call("GetTrack", TrackArn="arn:aws:deepracer:us-east-1::track/none"))
    assert missing.code == "ResourceDoesNotExistException"
