"""What somebody has in an organization: their events, where they stand in each, what they used, where they race."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from participants.domain.ownership import Visitor
from participants.domain.quotas.balances import Balance, see_balances
from participants.domain.races.addresses import RaceView, list_races_of_people
from participants.domain.status import StatusView, list_with_status, see_status, status_path
from participants.domain.trained_models.counting import ModelCount, count_models
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
    """Usage is of the account's last look, `as_of`: None while it knows nothing of them. Nor may anybody of models."""

    registration: Registration
    phase: Phase
    status: StatusView
    status_path: str
    pause: Pause | None
    balance: Balance
    models: ModelCount | None
    as_of: datetime | None
    races: list[RaceView]


Racer = tuple[int | None, int]


@dataclass(frozen=True)
class Facts:
    """What was read for all of them at once: by the registrations' ids, by racer, and by the racers' ids."""

    balances: Mapping[int, Balance]
    races: Mapping[int, list[RaceView]]
    racers: Mapping[Racer, RacerProfile]
    models: Mapping[int, ModelCount]


def list_my_events(*, visitor: Visitor) -> list[MyEvent]:
    """Those that run come first, then the next ones, then the latest. As many queries for many events as for one."""
    registrations = list_with_status(user=visitor.user)
    racers = _find_racers(registrations)
    facts = Facts(
        balances=see_balances(registrations=registrations),
        races=list_races_of_people(registrations=registrations),
        racers=racers,
        models=count_models(racers=list(racers.values())),
    )
    now = timezone.now()
    return sorted((_see_event(each, facts, now) for each in registrations), key=_place)


def _see_event(registration: Registration, facts: Facts, now: datetime) -> MyEvent:
    phase, balance = _find_phase(registration, now), facts.balances[registration.pk]
    racer = facts.racers.get(_racer_of(registration))
    return MyEvent(
        registration=registration,
        phase=phase,
        status=see_status(registration),
        status_path=status_path(registration),
        pause=None if phase is Phase.OVER else _find_pause(registration, balance),
        balance=balance,
        models=facts.models.get(racer.pk) if racer else None,
        as_of=registration.account.sponsoring_account.synced_at if racer and racer.seen_at else None,
        races=facts.races[registration.pk],
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


def _racer_of(registration: Registration) -> Racer:
    return registration.participant_id, registration.account.sponsoring_account_id


def _find_racers(registrations: Sequence[Registration]) -> dict[Racer, RacerProfile]:
    profiles = RacerProfile.objects.filter(
        participant__in={each.participant_id for each in registrations},
        sponsoring_account__in={each.account.sponsoring_account_id for each in registrations},
    )
    return {
        (each.participant_id, each.sponsoring_account_id): each
        for each in profiles.select_related("sponsoring_account")
    }
