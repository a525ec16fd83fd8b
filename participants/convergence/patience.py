"""Where trying ends: a step that has not succeeded for long enough is left to a person, with what was wrong last."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from participants.convergence.kinds import Patience, StepKind
from participants.convergence.outcomes import Failed, Outcome, Retry, Wait
from participants.models import Step


def lose_patience(
    kind: StepKind, steps: Sequence[Step], outcomes: dict[int, Outcome], *, now: datetime
) -> dict[int, Outcome]:
    """The outcomes, with failure in the place of another try for steps whose kind has had enough."""
    if kind.patience is None:
        return outcomes
    by_id = {step.pk: step for step in steps}
    return {pk: _judge(kind.patience, by_id[pk], outcome, now) for pk, outcome in outcomes.items()}


def _judge(patience: Patience, step: Step, outcome: Outcome, now: datetime) -> Outcome:
    """Being asked to come later is no failed attempt; it is bounded by time alone."""
    waited = now - (step.ready_at or now)
    match outcome:
        case Retry(detail, None) if step.attempts >= patience.attempts:
            return Failed(f"Given up after {step.attempts} attempts. {detail}")
        case Retry(detail) | Wait(detail) if waited >= patience.wait:
            return Failed(f"Given up after {_word_duration(waited)}. {detail}")
    return outcome


def _word_duration(waited: timedelta) -> str:
    hours, minutes = divmod(int(waited.total_seconds()) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
