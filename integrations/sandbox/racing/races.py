"""Races and their results."""

from dataclasses import dataclass
from enum import StrEnum

from integrations.sandbox.racing.accounts import Account, Profile, Race, Submission
from integrations.sandbox.racing.clock import Moment


class RaceStatus(StrEnum):
    UPCOMING = "UPCOMING"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class SubmissionRefused(Exception):
    """The race does not take this submission; the text says why."""


@dataclass(frozen=True)
class Ranking:
    """One racer's best run and how many they made."""

    rank: int
    best: Submission
    count: int


def race_status(race: Race, *, moment: Moment) -> RaceStatus:
    """By real time, because people agree on it."""
    if moment.real < race.opens_at:
        return RaceStatus.UPCOMING
    return RaceStatus.OPEN if moment.real < race.closes_at else RaceStatus.CLOSED


def race_of_token(account: Account, token: str, *, moment: Moment) -> Race | None:
    """The race that this invitation is for, if it is still good."""
    race = next((race for race in account.races.values() if token and race.access_token == token), None)
    if race is None or (race.token_expires_at is not None and race.token_expires_at <= moment.real):
        return None
    return race


def submit(race: Race, *, profile: Profile | None, alias: str, time_milliseconds: int, moment: Moment) -> None:
    """Enter a finished run; nobody's pause matters here. Raises SubmissionRefused."""
    status = race_status(race, moment=moment)
    if status is not RaceStatus.OPEN:
        raise SubmissionRefused(f"The race is {status.lower()}.")
    submission = Submission(profile.service_id if profile else "", alias, time_milliseconds, moment.real)
    made = sum(_racer(earlier) == _racer(submission) for earlier in race.submissions)
    if race.submissions_per_racer and made >= race.submissions_per_racer:
        raise SubmissionRefused(f"A racer has {race.submissions_per_racer} submissions in this race.")
    race.submissions.append(submission)
    if submission.profile_id:
        race.participants.setdefault(submission.profile_id, moment.real)


def rank_race(race: Race) -> list[Ranking]:
    """Everybody's fastest run, fastest first; of equals, the earlier one."""
    runs: dict[tuple[str, str], list[Submission]] = {}
    for submission in race.submissions:
        runs.setdefault(_racer(submission), []).append(submission)
    bests = [(min(made, key=lambda run: run.time_milliseconds), len(made)) for made in runs.values()]
    bests.sort(key=lambda row: (row[0].time_milliseconds, row[0].submitted_at))
    return [Ranking(rank, best, count) for rank, (best, count) in enumerate(bests, start=1)]


def _racer(submission: Submission) -> tuple[str, str]:
    """Two profiles may have one alias, and a guest has no profile."""
    return submission.profile_id, "" if submission.profile_id else submission.alias
