"""Where trying ends: a step that has not succeeded for long enough is left to a person, with what was wrong last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from participants.convergence.outcomes import Failed, Outcome, Retry, Wait
from participants.models.owed import Owed


@dataclass(frozen=True)
class Patience:
    """When what does not succeed is left to a person: after so many failed attempts, or so long a wait."""

    attempts: int
    wait: timedelta


def lose_patience(
    patience: Patience | None, rows: Sequence[Owed], outcomes: dict[int, Outcome], *, now: datetime
) -> dict[int, Outcome]:
    """The outcomes, with failure in the place of another try where it has been tried for long enough."""
    if patience is None:
        return outcomes
    by_id = {row.pk: row for row in rows}
    return {pk: _judge(patience, by_id[pk], outcome, now) for pk, outcome in outcomes.items()}


def _judge(patience: Patience, row: Owed, outcome: Outcome, now: datetime) -> Outcome:
    """Being asked to come later is no failed attempt; it is bounded by time alone."""
    waited = now - (row.ready_at or now)
    match outcome:
        case Retry(detail, None) if row.attempts >= patience.attempts:
            return Failed(f"Given up after {_word_attempts(row.attempts)}. {detail}")
        case Retry(detail) | Wait(detail) if waited >= patience.wait:
            return Failed(f"Given up after {_word_duration(waited)}. {detail}")
    return outcome


def _word_attempts(number: int) -> str:
    return "1 attempt" if number == 1 else f"{number} attempts"


def _word_duration(waited: timedelta) -> str:
    hours, minutes = divmod(int(waited.total_seconds()) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
