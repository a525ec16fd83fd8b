"""Races as a racer sees them in the stand-in for the console: invited, entered, submitted."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime

from integrations.sandbox.racing.accounts import Account, ModelStatus, Profile, Race
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.races import SubmissionRefused, race_of_token, race_status, rank_race, submit

_LAP_MILLISECONDS = (9_000, 18_000)


@dataclass(frozen=True)
class Entry:
    """A race that the racer has entered, or has an invitation to."""

    race_id: str
    name: str
    status: str
    closes_at: str
    entered: bool
    place: str  # empty before the first submission


def list_entries(account: Account, profile: Profile, *, token: str, moment: Moment) -> list[Entry]:
    invited = race_of_token(account, token, moment=moment)
    return [
        _describe(race, profile, moment)
        for race in account.races.values()
        if race is invited or profile.service_id in race.participants
    ]


def enter(account: Account, profile: Profile, *, token: str, moment: Moment) -> None:
    """Raises SubmissionRefused."""
    race = race_of_token(account, token, moment=moment)
    if race is None:
        raise SubmissionRefused("This invitation is not valid any more. Ask your event's organizer for a new one.")
    race.participants.setdefault(profile.service_id, moment.real)


def submit_newest(account: Account, profile: Profile, *, race_id: str, moment: Moment) -> None:
    """Race with the newest model that is ready; how fast it is, is luck. Raises SubmissionRefused."""
    race = account.races.get(race_id)
    if race is None or profile.service_id not in race.participants:
        raise SubmissionRefused("Enter the race first.")
    if all(account.models[model_id].status is not ModelStatus.READY for model_id in profile.model_ids):
        raise SubmissionRefused("You have no model that is ready. Train one first.")
    lap = random.randint(*_LAP_MILLISECONDS)
    submit(race, profile=profile, alias=profile.alias, time_milliseconds=lap, moment=moment)


def _describe(race: Race, profile: Profile, moment: Moment) -> Entry:
    ranking = next((row for row in rank_race(race) if row.best.profile_id == profile.service_id), None)
    place = f"Place {ranking.rank}: {ranking.best.time_milliseconds / 1000:.3f} s" if ranking else ""
    closes_at = datetime.fromtimestamp(race.closes_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    entered = profile.service_id in race.participants
    return Entry(race.race_id, race.name, race_status(race, moment=moment), closes_at, entered, place)
