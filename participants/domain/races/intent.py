"""What organizers want of races. Making it so is convergence's; nothing outside is called here."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from events.models import Event, Race
from paddock.audit.recording import record
from participants.domain.owing import owe_event_steps_again
from participants.domain.races.definition import INTENT
from participants.models import Operation

STEP = "races"
DEFINES = {name.removesuffix("_id") for name in INTENT}


def save_race(*, race: Race, changed: Collection[str], actor: AbstractBaseUser | None) -> None:
    """Save a race as a person edited it; `changed` names the fields. Belongs into a transaction.

    Only these fields are written: convergence may be writing others at this moment.
    """
    is_new = race.pk is None
    is_owed = race.sponsoring_account_id is not None and (is_new or bool(DEFINES & set(changed)))
    if is_owed:
        race.state, race.problem = Race.State.OWED, ""
    elif race.sponsoring_account_id is None:
        race.state, race.problem = Race.State.LINKED, ""
    before = {} if is_new else Race.objects.values(*changed).get(pk=race.pk)
    race.save(update_fields=None if is_new else {*changed, "state", "problem"})
    record(
        actor=actor,
        action="added a race" if is_new else "changed a race",
        about=race,
        event_id=race.event_id,
        changes={name: [str(before.get(name, "")), str(race.serializable_value(name))] for name in sorted(changed)},
    )
    if is_owed:
        owe_event_steps_again(event=race.event, kinds=[STEP])


def close_races(*, races: Collection[Race], actor: AbstractBaseUser | None, reason: str) -> Sequence[Operation]:
    """End them now. Their results stay. One operation for each event. Belongs into a transaction."""
    return _want(races, actor, reason, word="Close", action="closed a race", wants_closed=True)


def renew_invitations(*, races: Collection[Race], actor: AbstractBaseUser | None, reason: str) -> Sequence[Operation]:
    """Make each a new invitation, which voids the old one. One operation for each event. Belongs into a transaction."""
    return _want(races, actor, reason, word="New invitation", action="renewed a race's invitation", wants_token=True)


def try_again(*, race: Race, actor: AbstractBaseUser | None, reason: str = "") -> None:
    """Make due again what was refused or waits, with every other race of its event. Belongs into a transaction."""
    record(actor=actor, action="tried a race again", about=race, event_id=race.event_id, reason=reason)
    owe_event_steps_again(event=race.event, kinds=[STEP])


def is_over(race: Race) -> bool:
    return race.closes_at is not None and race.closes_at <= timezone.now()


def _want(
    races: Collection[Race], actor: AbstractBaseUser | None, reason: str, *, word: str, action: str, **intent: bool
) -> Sequence[Operation]:
    by_event: dict[Event, list[Race]] = defaultdict(list)
    for race in races:
        by_event[race.event].append(race)
        record(actor=actor, action=action, about=race, event_id=race.event_id, reason=reason)
    Race.objects.filter(pk__in=[race.pk for race in races]).update(state=Race.State.OWED, problem="", **intent)
    return [_start_operation(event, f"{word}: {_name(wanted)}", reason, actor) for event, wanted in by_event.items()]


def _name(races: Sequence[Race]) -> str:
    return races[0].name if len(races) == 1 else f"{len(races)} races"


def _start_operation(event: Event, title: str, reason: str, actor: AbstractBaseUser | None) -> Operation:
    operation = Operation.objects.create(
        organization_id=event.organization_id,
        event=event,
        title=title[:200],
        reason=reason,
        started_by_id=actor.pk if actor else None,
        total=1,
    )
    owe_event_steps_again(event=event, kinds=[STEP], operation=operation)
    return operation
