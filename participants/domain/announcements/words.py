"""What an announcement says."""

from collections.abc import Mapping

from events.models import Event, Race
from integrations.errors import IntegrationError
from participants.domain.mail_templates import compile_words
from participants.domain.messages import Letter
from participants.domain.races.addresses import find_url
from participants.models import Announcement, Message

# What Paddock can fill in for each racer; {{event}} is the same for all.
MARKS = ("given_name", "race_url", "status_url")

RACE_MARK = "{{race_url}}"

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
    """As it goes out to everybody. A race's address is that of this moment: an old invitation leads nowhere.

    Raises IntegrationError where there is none by now.
    """
    _check_race(announcement)
    template = compile_words(
        event=announcement.event, subject=announcement.subject, body=announcement.body, marks=MARKS
    )
    return Letter(Message.Kind.ANNOUNCEMENT, template, _fill_race(announcement.race), announcement)


def write_draft(*, event: Event, race: Race | None, subject: str, body: str) -> Letter:
    """The same before anything is stored."""
    return write_letter(Announcement(event=event, race=race, subject=subject, body=body))


def _check_race(announcement: Announcement) -> None:
    race = announcement.race
    if RACE_MARK not in announcement.subject + announcement.body or (race and find_url(race)):
        return
    if race and race.state == Race.State.OWED:
        raise IntegrationError("The race cannot be reached at the moment: it is being made anew.")
    raise IntegrationError("The race that this mail is about cannot be reached any more.", permanent=True)


def _fill_race(race: Race | None) -> Mapping[str, str]:
    return {"race_url": find_url(race) if race else ""}
