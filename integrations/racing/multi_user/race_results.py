"""What a race's leaderboard says."""

from collections.abc import Iterator

from integrations.racing.multi_user.client import Answer, MultiUserClient
from integrations.racing.multi_user.moments import from_milliseconds
from integrations.racing.multi_user.races import get_race
from integrations.racing.protocol import RaceResult

_TIMES = {"BEST_LAP_TIME": "BestLapTime", "AVG_LAP_TIME": "AvgLapTime", "TOTAL_TIME": "TotalLapTime"}


def list_results(client: MultiUserClient, arn: str) -> Iterator[list[RaceResult]]:
    """Those who have a place: who is queued, running or failed has none yet."""
    time = _TIMES.get(get_race(client, arn).get("TimingMethod", ""), "BestLapTime")
    for page in client.pages("list_leaderboard_submissions", "LeaderboardSubmissions", LeaderboardArn=arn):
        yield [_read_result(submission, time) for submission in page if submission.get("Rank") and time in submission]


def _read_result(submission: Answer, time: str) -> RaceResult:
    return RaceResult(
        rank=submission["Rank"],
        alias=submission.get("Alias", ""),
        profile_id=submission.get("UserId", ""),
        time_milliseconds=submission[time],
        submissions=submission.get("SubmissionCount", 0),
        submitted_at=from_milliseconds(submission.get("SubmissionTime")),
    )
