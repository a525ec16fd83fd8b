"""What an announcement says."""

from collections.abc import Mapping

from events.models import Event, Race
from participants.domain.mail_templates import compile_words
from participants.domain.messages import Letter
from participants.domain.races.addresses import find_url
from participants.models import Announcement, Message

# What Paddock can fill in for each racer; {{event}} is the same for all.
MARKS = ("given_name", "race_url", "status_url")

RACE_SUBJECT = "The race is on: {{event}}"
RACE_BODY = """\
Hello {{given_name}},

this is your race. Send your best model round the track:

[Go to the race]({{race_url}})

[Your registration page]({{status_url}}) shows it too.

Good luck!
"""
EVENT_SUBJECT = "News about {{event}}"
EVENT_BODY = """\
Hello {{given_name}},



[Your registration page]({{status_url}}) shows where things stand.
"""


def write_letter(announcement: Announcement) -> Letter:
    """As it goes out to everybody. A race's address is that of this moment: an old invitation leads nowhere."""
    template = compile_words(
        event=announcement.event, subject=announcement.subject, body=announcement.body, marks=MARKS
    )
    return Letter(Message.Kind.ANNOUNCEMENT, template, _fill_race(announcement.race), announcement)


def write_draft(*, event: Event, race: Race | None, subject: str, body: str) -> Letter:
    """The same before anything is stored."""
    return write_letter(Announcement(event=event, race=race, subject=subject, body=body))


def _fill_race(race: Race | None) -> Mapping[str, str]:
    return {"race_url": find_url(race) if race else ""}
