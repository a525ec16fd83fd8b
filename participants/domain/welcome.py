"""The mail to those who are in, with the races that they can enter."""

from collections.abc import Mapping, Sequence

from events.models import Event, EventAccount, MailTemplate
from participants.domain.mail_templates import COMPANY_SIGN_IN, compile_template, name_race_marks
from participants.domain.messages import Letter
from participants.domain.races.addresses import RaceView, list_races_to_mail
from participants.models import Message


def write_welcome(
    *,
    event: Event,
    account: EventAccount,
    sign_in: str = COMPANY_SIGN_IN,
    passwords: Mapping[int, str] | None = None,
) -> Letter:
    """To people who all sign in as `sign_in` says; `passwords`, by registration, fill in the mark in it."""
    races = list_races_to_mail(event=event, account=account)
    template = compile_template(event=event, kind=MailTemplate.Kind.WELCOME, race_count=len(races), sign_in=sign_in)
    secrets = {pk: {"password": password} for pk, password in (passwords or {}).items()}
    return Letter(Message.Kind.WELCOME, template, fill_races(races), secrets=secrets)


def fill_races(races: Sequence[RaceView]) -> dict[str, str]:
    """What is filled in for the marks of these races."""
    values: dict[str, str] = {}
    for number, race in enumerate(races, start=1):
        name, url, when = name_race_marks(number)
        values |= {name: race.race.name, url: race.url, when: f"({race.when})" if race.when else ""}
    return values
