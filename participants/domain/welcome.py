"""The mail to those who are in, with the races that they can enter."""

from collections.abc import Sequence

from events.models import Event, EventAccount, MailTemplate
from participants.domain.mail_templates import compile_template, name_race_marks
from participants.domain.messages import Letter
from participants.domain.races.addresses import RaceView, list_races_to_mail
from participants.models import Message


def write_welcome(*, event: Event, account: EventAccount) -> Letter:
    races = list_races_to_mail(event=event, account=account)
    template = compile_template(event=event, kind=MailTemplate.Kind.WELCOME, race_count=len(races))
    return Letter(Message.Kind.WELCOME, template, fill_races(races))


def fill_races(races: Sequence[RaceView]) -> dict[str, str]:
    """What is filled in for the marks of these races."""
    values: dict[str, str] = {}
    for number, race in enumerate(races, start=1):
        name, url, when = name_race_marks(number)
        values |= {name: race.race.name, url: race.url, when: f"({race.when})" if race.when else ""}
    return values
