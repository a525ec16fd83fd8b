"""How an intake stands, for whoever looks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from events.models import Intake
from participants.domain.intake.reading import is_followed
from participants.models import IntakeItem

# A look that is older than this many rounds was missed, not late.
MISSED_ROUNDS = 6


class Doing(StrEnum):
    PAUSED = "paused"
    OVER = "over"
    WAITING = "waiting"  # nobody has come yet
    SCANNING = "scanning"
    FOLLOWING = "following"


@dataclass(frozen=True)
class IntakeStanding:
    """`as_of`: everything that was written before has been read. `is_behind`: that is longer ago than it should be."""

    doing: Doing
    counts: dict[IntakeItem.State, int]
    as_of: datetime | None
    lag: timedelta
    is_behind: bool


def see_standing(intake: Intake) -> IntakeStanding:
    rows = IntakeItem.objects.filter(intake=intake).order_by().values_list("state").annotate(Count("id"))
    found = dict(rows)
    as_of = intake.streamed_at if intake.scanned_at else None
    lag = timezone.now() - as_of if as_of else timedelta(0)
    return IntakeStanding(
        doing=_find_doing(intake),
        counts={state: found.get(state.value, 0) for state in IntakeItem.State},
        as_of=as_of,
        lag=lag,
        is_behind=lag > timedelta(seconds=MISSED_ROUNDS * settings.INTAKE_SECONDS),
    )


def _find_doing(intake: Intake) -> Doing:
    if not intake.is_enabled:
        return Doing.PAUSED
    if not is_followed(intake):
        return Doing.OVER
    if intake.scan_started_at is None:
        return Doing.WAITING
    return Doing.FOLLOWING if intake.scanned_at else Doing.SCANNING
