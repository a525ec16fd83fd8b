"""Where a race is, and who is told."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from events.domain.connections import open_racing
from events.models import Event, EventAccount, Race
from participants.models import Registration


@dataclass(frozen=True)
class RaceView:
    """A race for racers. `url` is empty until it can be reached, and for whoever is not to know it."""

    race: Race
    url: str

    @property
    def is_over(self) -> bool:
        return self.race.closes_at is not None and self.race.closes_at <= timezone.now()

    @property
    def when(self) -> str:
        """In the event's zone, which is named."""
        moments = [_word_moment(moment, self.race.event) for moment in (self.race.opens_at, self.race.closes_at)]
        match moments:
            case ["", ""]:
                return ""
            case [opens, ""]:
                return f"from {opens}"
            case ["", closes]:
                return f"until {closes}"
        return " to ".join(moments)


def _word_moment(moment: datetime | None, event: Event) -> str:
    if moment is None:
        return ""
    local = timezone.localtime(moment, event.zone)
    return f"{date_format(local, 'j F Y, H:i')} {local.tzname()}"


def find_url(race: Race) -> str:
    """The invitation, which lets in whoever has it, or the address. Calls nobody. "" where there is none yet.

    An invitation is kept as its token alone, encrypted, and never as an address.
    """
    if race.sponsoring_account is not None and race.token:
        return open_racing(race.sponsoring_account).race_url(race.service_id, race.token)
    return race.url


def list_public_races(*, event: Event) -> list[RaceView]:
    """For everybody: without any address."""
    return _hide(_find_races([event])[event.pk])


def list_races_of(*, event: Event, account: EventAccount) -> list[RaceView]:
    """For those who are in, by this account of the event."""
    return _show(_find_races([event])[event.pk], account)


def list_races_of_people(*, registrations: Iterable[Registration]) -> dict[int, list[RaceView]]:
    """By the registrations' ids, which know their status: addresses are for those who are in. One query."""
    registrations = list(registrations)
    races = _find_races([each.event for each in registrations])
    return {each.pk: _list_races_of_person(each, races[each.event_id]) for each in registrations}


def _list_races_of_person(registration: Registration, races: Collection[Race]) -> list[RaceView]:
    is_in = registration.status == Registration.Status.READY
    return _show(races, registration.account) if is_in else _hide(races)


def _hide(races: Iterable[Race]) -> list[RaceView]:
    return [RaceView(race, "") for race in races]


def _show(races: Iterable[Race], account: EventAccount) -> list[RaceView]:
    return [RaceView(race, find_url(race)) for race in races if is_within_reach(race, account)]


def list_races_to_mail(*, event: Event, account: EventAccount) -> list[RaceView]:
    """Those that the access mail names: they can be reached, and are not over."""
    views = list_races_of(event=event, account=account)
    return [view for view in views if view.race.in_welcome_mail and view.url and not view.is_over]


def _find_races(events: Iterable[Event]) -> dict[int, list[Race]]:
    """By the events' ids, also of those that have none."""
    known = {event.pk: event for event in events}
    found: dict[int, list[Race]] = defaultdict(list)
    for race in Race.objects.filter(event__in=list(known)).select_related("sponsoring_account"):
        race.event = known[race.event_id]
        found[race.event_id].append(race)
    return found


def is_within_reach(race: Race, account: EventAccount) -> bool:
    """An invitation lets in racers of every account; a deployment has its own racers alone."""
    own = race.sponsoring_account
    return own is None or own.is_multi_user or own.pk == account.sponsoring_account_id
