"""Making races as they are wanted at the service of the account that they belong to."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from events.domain.connections import open_racing
from events.models import Race
from integrations.errors import IntegrationError
from integrations.racing.protocol import RacingService, SeenRace
from participants.convergence.outcomes import Done, Failed, Outcome, Retry, Wait, judge
from participants.domain.races.definition import INTENT, define_race, list_differences

UNSETTLED = (Race.State.OWED, Race.State.FAILED)
# The service may let racers look at a race that is over.
TOKEN_OUTLIVES_RACE = timedelta(days=1)
MOMENT = timedelta(minutes=1)

logger = logging.getLogger(__name__)


def reconcile_race(race: Race) -> Outcome:
    """Make this race what it should be, read it back, and write down what came of it. Never raises: others wait."""
    asked = {name: getattr(race, name) for name in INTENT}
    try:
        _converge(race)
        outcome: Outcome = Done()
    except IntegrationError as error:
        outcome = judge(error)
    except Exception:
        logger.exception("Race %s broke", race.pk)
        outcome = Retry("Paddock ran into an error of its own and tries again; its log has the details.")
    return outcome if _write_down(race, outcome, asked) else Wait("It was changed meanwhile.")


def _write_down(race: Race, outcome: Outcome, asked: Mapping[str, object]) -> bool:
    """False where somebody wants it otherwise by now: then this outcome is about what nobody wants any more."""
    found: dict[str, object]
    match outcome:
        case Done():
            found = {"state": Race.State.READY, "problem": "", "opens_at": race.opens_at, "closes_at": race.closes_at}
        case Failed(detail):
            found = {"state": Race.State.FAILED, "problem": detail}
        case Retry(detail) | Wait(detail):
            found = {"state": Race.State.OWED, "problem": detail}
    if not isinstance(outcome, Retry | Wait):
        # It is closed; or the service refused to, and nothing else that is wanted of the race must fail for that.
        found["wants_closed"] = False
    still_asked = Race.objects.filter(pk=race.pk, state__in=UNSETTLED, wants_token=race.wants_token, **asked)
    return bool(still_asked.update(**found))


def _converge(race: Race) -> None:
    account = race.sponsoring_account
    if account is None:
        return
    service = open_racing(account)
    if not service.capabilities.manages_races:
        raise IntegrationError(
            f"Paddock cannot manage races of {account} with what it was given. "
            "Fill in the administrator's e-mail and password in the sponsoring account.",
            permanent=True,
        )
    seen = service.see_race(race.service_id) if race.service_id else None
    if race.wants_closed:
        _close(service, race)
    elif seen is None:
        _create(service, race)
    else:
        _edit(service, race, seen)
    _invite(service, race)


def _create(service: RacingService, race: Race) -> None:
    """The name is stored first: should the answer be lost, the next try finds the race by it and makes no other."""
    race.service_id = ""
    definition = define_race(race)
    if definition.closes_at <= timezone.now():
        raise IntegrationError("Its closing time has passed. Move it into the future and save.", permanent=True)
    _store(race, service_name=definition.name)
    _store(race, service_id=service.create_race(definition), token="", token_made_at=None)
    _read_back(service, race)


def _edit(service: RacingService, race: Race, seen: SeenRace) -> None:
    """Only where something differs: a service may refuse every edit once a race has opened."""
    definition = define_race(race)
    if list_differences(seen, definition):
        service.edit_race(race.service_id, definition)
        _read_back(service, race)
    _store(race, service_name=definition.name)


def _read_back(service: RacingService, race: Race) -> None:
    found = service.see_race(race.service_id)
    if found is None:
        raise IntegrationError("The race does not show up at the service yet. Paddock looks again.")
    if differences := list_differences(found, define_race(race)):
        words = ", ".join(name.replace("_", " ") for name in differences)
        raise IntegrationError(f"The service still shows another {words}. Paddock looks again.")


def _close(service: RacingService, race: Race) -> None:
    """The race takes on the times that the service shows then, which nobody can move back by mistake."""
    service.close_race(race.service_id, define_race(race))
    now, found = timezone.now(), service.see_race(race.service_id)
    closes_at = found.closes_at if found and found.closes_at else now
    if closes_at > now:
        raise IntegrationError("The service still shows the race as open. Paddock looks again.")
    race.closes_at = closes_at
    race.opens_at = min(race.opens_at or closes_at, closes_at - MOMENT)


def _invite(service: RacingService, race: Race) -> None:
    """A race without invitations has one address for all who may see it."""
    if not service.capabilities.has_race_tokens:
        _store(race, url=service.race_url(race.service_id, ""), wants_token=False)
        return
    now = timezone.now()
    expires_at = (race.closes_at or now) + TOKEN_OUTLIVES_RACE
    if (race.token and not race.wants_token) or expires_at <= now:
        return
    token = service.rotate_race_token(race.service_id, expires_at=expires_at)
    _store(race, token=token, token_made_at=now, wants_token=False, url="")


def _store(race: Race, **values: object) -> None:
    """At once, whatever becomes of the rest."""
    for name, value in values.items():
        setattr(race, name, value)
    Race.objects.filter(pk=race.pk).update(**values)
