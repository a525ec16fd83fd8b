"""Where a race is, and who is told."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from events.domain.connections import open_racing
from events.models import Event, EventAccount, Race


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
    return [RaceView(race, "") for race in _find_races(event)]


def list_races_of(*, event: Event, account: EventAccount) -> list[RaceView]:
    """For those who are in, by this account of the event."""
    return [RaceView(race, find_url(race)) for race in _find_races(event) if is_within_reach(race, account)]


def list_races_to_mail(*, event: Event, account: EventAccount) -> list[RaceView]:
    """Those that the access mail names: they can be reached, and are not over."""
    views = list_races_of(event=event, account=account)
    return [view for view in views if view.race.in_welcome_mail and view.url and not view.is_over]


def _find_races(event: Event) -> list[Race]:
    races = list(Race.objects.filter(event=event).select_related("sponsoring_account"))
    for race in races:
        race.event = event
    return races


def is_within_reach(race: Race, account: EventAccount) -> bool:
    """An invitation lets in racers of every account; a deployment has its own racers alone."""
    own = race.sponsoring_account
    return own is None or own.is_multi_user or own.pk == account.sponsoring_account_id
