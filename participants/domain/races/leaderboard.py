"""A race's leaderboard for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from events.models import Race
from participants.models import RaceResult

HEADER = ("Rank", "Alias", "Name", "E-mail", "Time", "Submissions", "Submitted (UTC)", "Whose it is")
AMBIGUOUS = "several racers bear this alias"
UNKNOWN = "nobody that Paddock knows"


@dataclass(frozen=True)
class Row:
    """One place. `name` and `email` are empty where nobody knows whose it is, and `doubt` says why."""

    rank: int
    alias: str
    name: str
    email: str
    time: str
    submissions: int
    submitted_at: datetime | None
    doubt: str
    participant_id: int | None


def see_leaderboard(*, race: Race, first: int | None = None) -> list[Row]:
    """The places as last read, or the first of them. One query."""
    results = RaceResult.objects.filter(race=race).select_related("profile__participant")[:first]
    return [_describe(result) for result in results]


def list_cells(rows: list[Row]) -> Iterator[tuple[object, ...]]:
    """Under HEADER."""
    for row in rows:
        submitted = f"{row.submitted_at:%Y-%m-%d %H:%M:%S}" if row.submitted_at else ""
        yield row.rank, row.alias, row.name, row.email, row.time, row.submissions, submitted, row.doubt or "known"


def word_time(milliseconds: int) -> str:
    """Minutes, seconds and thousandths, as on a timing board."""
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes}:{rest // 1000:02}.{rest % 1000:03}"


def _describe(result: RaceResult) -> Row:
    participant = result.profile.participant if result.profile else None
    return Row(
        rank=result.rank,
        alias=result.alias,
        name=str(participant) if participant else "",
        email=participant.email if participant else "",
        time=word_time(result.time_milliseconds),
        submissions=result.submissions,
        submitted_at=result.submitted_at,
        doubt="" if participant else AMBIGUOUS if result.is_ambiguous else UNKNOWN,
        participant_id=participant.pk if participant else None,
    )
