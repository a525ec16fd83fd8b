"""What somebody has in an organization: their events, where they stand in each, what they used, where they race."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from participants.domain.ownership import Visitor
from participants.domain.quotas.balances import Balance, see_balances
from participants.domain.races.addresses import RaceView, list_races_of_people
from participants.domain.status import StatusView, list_with_status, see_status, status_path
from participants.models import RacerProfile, Registration


class Phase(StrEnum):
    RUNNING = "running"
    AHEAD = "ahead"
    OVER = "over"


class Pause(StrEnum):
    """Why somebody may not train, though they are in."""

    FROZEN = "frozen"
    PAUSED = "paused"
    USED_UP = "used_up"


@dataclass(frozen=True)
class MyEvent:
    """`models` they keep in their account: None where nobody has seen. Usage is of the account's last look, `as_of`."""

    registration: Registration
    phase: Phase
    status: StatusView
    status_path: str
    pause: Pause | None
    balance: Balance
    models: int | None
    as_of: datetime | None
    races: list[RaceView]

    @property
    def is_seen(self) -> bool:
        """Whether the racing service has said anything of them."""
        return self.models is not None or self.balance.used > 0


def list_my_events(*, visitor: Visitor) -> list[MyEvent]:
    """Those that run come first, then the next ones, then the latest. As many queries for many events as for one."""
    registrations = list_with_status(user=visitor.user)
    balances = see_balances(registrations=registrations)
    races = list_races_of_people(registrations=registrations)
    models, now = _count_models(registrations), timezone.now()
    found = [
        _see_event(each, balances[each.pk], models.get(_racer_of(each)), races[each.pk], now) for each in registrations
    ]
    return sorted(found, key=_place)


def _see_event(
    registration: Registration, balance: Balance, models: int | None, races: list[RaceView], now: datetime
) -> MyEvent:
    phase = _find_phase(registration, now)
    return MyEvent(
        registration=registration,
        phase=phase,
        status=see_status(registration),
        status_path=status_path(registration),
        pause=None if phase is Phase.OVER else _find_pause(registration, balance),
        balance=balance,
        models=models,
        as_of=registration.account.sponsoring_account.synced_at,
        races=races,
    )


def _find_phase(registration: Registration, now: datetime) -> Phase:
    event = registration.event
    if registration.removed_at or event.offboarding_at or event.is_over(now):
        return Phase.OVER
    return Phase.RUNNING if event.starts_at <= now else Phase.AHEAD


def _find_pause(registration: Registration, balance: Balance) -> Pause | None:
    if registration.account.sponsoring_account.frozen_at or registration.event.frozen_at:
        return Pause.FROZEN
    if registration.paused_at:
        return Pause.PAUSED
    return Pause.USED_UP if balance.left == 0 else None


def _place(mine: MyEvent) -> tuple[int, float]:
    starts = mine.registration.event.starts_at.timestamp()
    return list(Phase).index(mine.phase), -starts if mine.phase is Phase.OVER else starts


Racer = tuple[int | None, int]


def _racer_of(registration: Registration) -> Racer:
    return registration.participant_id, registration.account.sponsoring_account_id


def _count_models(registrations: Sequence[Registration]) -> dict[Racer, int | None]:
    profiles = RacerProfile.objects.filter(
        participant__in={each.participant_id for each in registrations},
        sponsoring_account__in={each.account.sponsoring_account_id for each in registrations},
    )
    return {
        (each[0], each[1]): each[2] for each in profiles.values_list("participant", "sponsoring_account", "model_count")
    }
