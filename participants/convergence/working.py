"""Asking a handler about what this worker has claimed, and writing down what became of every item."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from integrations.errors import IntegrationError
from participants.convergence.claims import keeping_claim
from participants.convergence.outcomes import Done, Failed, Outcome, Retry, Untried, Wait, judge
from participants.convergence.patience import Patience, lose_patience
from participants.convergence.schedule import look_again_at, retry_at
from participants.models.owed import Owed

Row = TypeVar("Row", bound=Owed)
Outcomes = dict[int, Outcome]
# Runs in the transaction that writes the outcomes down, with those rows that are still this worker's.
Teller = Callable[[Sequence[Any], Outcomes], None]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Manner:
    """How things of one kind are worked on.

    `tells` writes what follows from the outcomes; `pauses` are the seconds before each further attempt, where the
    usual backoff does not fit. Without `patience` something is tried for as long as it takes.
    """

    name: str
    handler: Callable[[Sequence[Any]], Outcomes]
    patience: Patience | None = None
    tells: Teller | None = None
    pauses: tuple[float, ...] = ()


def work_off(rows: Sequence[Row], manner: Manner) -> None:
    outcomes = lose_patience(manner.patience, rows, _handle(rows, manner), now=timezone.now())
    record_outcomes(rows, outcomes, tells=manner.tells, pauses=manner.pauses)


def _handle(rows: Sequence[Row], manner: Manner) -> Outcomes:
    """Ask the handler. A batch that blows up is tried again as a whole, and never left claimed."""
    try:
        with keeping_claim(rows):
            return manner.handler(rows)
    except IntegrationError as error:
        return dict.fromkeys([row.pk for row in rows], judge(error))
    except Exception:
        logger.exception("%s broke, beginning with %s", manner.name, rows[0])
        detail = "Paddock ran into an error of its own and tries again; its log has the details."
        return dict.fromkeys([row.pk for row in rows], Retry(detail))


def record_outcomes(
    rows: Sequence[Row], outcomes: Outcomes, *, tells: Teller | None = None, pauses: tuple[float, ...] = ()
) -> None:
    """Write down every item's outcome, unless its claim was freed meanwhile and belongs to somebody else."""
    now = timezone.now()
    left_out = Retry("The provider's answer left this one out; Paddock asks again.")
    outcomes = {row.pk: outcomes.get(row.pk, left_out) for row in rows}
    alike: dict[tuple[Outcome, object], list[Row]] = defaultdict(list)
    for row in rows:
        alike[outcomes[row.pk], _past_that_matters(row, outcomes[row.pk])].append(row)
    with transaction.atomic():
        held = _hold(rows) if tells else []
        for (outcome, _), group in alike.items():
            _own(group).update(**_describe_change(group[0], outcome, now, pauses), claim=None, claimed_at=None)
        if tells and held:
            tells(held, outcomes)


def _own(rows: Sequence[Row]) -> Any:
    """Those whose claim was not freed."""
    return type(rows[0])._base_manager.filter(id__in=[row.pk for row in rows], claim=rows[0].claim)


def _hold(rows: Sequence[Row]) -> list[Row]:
    """Those whose claim cannot be freed any more until this transaction ends."""
    held = set(_own(rows).order_by("id").select_for_update().values_list("id", flat=True))
    return [row for row in rows if row.pk in held]


def _past_that_matters(row: Owed, outcome: Outcome) -> object:
    """What changes alike is written together; only a wait or another attempt depends on the item's own past."""
    match outcome:
        case Retry() | Untried():
            return row.attempts
        case Wait():
            return row.ready_at
    return None


def _describe_change(row: Owed, outcome: Outcome, now: datetime, pauses: tuple[float, ...]) -> dict[str, object]:
    match outcome:
        case Done(detail):
            return {"state": Owed.State.DONE, "done_at": now, "detail": detail, "hint": ""}
        case Failed(detail, hint):
            return {"state": Owed.State.FAILED, "detail": detail, "hint": hint}
        case Untried(until):
            return {"state": Owed.State.READY, "due_at": until, "attempts": row.attempts - 1}
        case Wait(detail):
            # A look that found nothing yet is no failed attempt, and must not lengthen the pause after one.
            due_at, attempts = look_again_at(now, since=row.ready_at or now), 0
        case Retry(detail, after):
            due_at, attempts = retry_at(now, attempts=row.attempts, after=after, pauses=pauses), row.attempts
    return {"state": Owed.State.READY, "due_at": due_at, "attempts": attempts, "detail": detail, "hint": ""}
