"""Writing to participants: who gets it and how it looks is shown first, and a test goes to oneself."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.template.loader import render_to_string

from events.models import Race
from integrations.mail.protocol import Template
from paddock.accounts.addresses import address_of
from participants.admin.announcement_forms import ParticipantsMailForm, RaceMailForm
from participants.admin.confirmation import BulkAction, Change, Preview, Skipped
from participants.admin.messages import frame_html
from participants.domain.announcements.planning import Plan, load_people, plan
from participants.domain.announcements.sending import send, send_to_oneself
from participants.domain.announcements.words import write_draft
from participants.domain.messages import address_mail, word_mail
from participants.models import Operation, Registration


class MailAction(BulkAction):
    """`_plan` says who gets which mail: each race's mail is one of its own."""

    icon = "mail"
    show = "Show the mail"
    nobody = "Nobody gets it."
    button = "Send"
    headings = ("Address", "Gets")
    rehearsal = "Send a test to me"

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        plans = self._plan(rows, answers)
        return Preview(
            changes=[
                Change(self._find_row(race, each), str(each.participant), each.participant.email, _name_mail(race))
                for race, found in plans
                for each in found.recipients
            ],
            skipped=[Skipped(str(each.participant), why) for _, found in plans for each, why in found.left_out],
        )

    def illustrate(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> str:
        """As the first one gets it."""
        first = self._find_first(rows, answers)
        if first is None:
            return ""
        race, recipient = first
        mail = _word(race, recipient, answers)
        context = {"recipient": recipient.participant, "mail": mail, "frame": frame_html(mail.html, title=mail.subject)}
        return render_to_string("admin/announcements/mail.html", context)

    def rehearse(self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser) -> str:
        first = self._find_first(rows, answers)
        if first is None:
            return "Nobody would get it, so there is nothing to try."
        race, recipient = first
        address = address_of(actor)
        send_to_oneself(
            recipient=recipient, race=race, subject=answers["subject"], body=answers["body"], address=address
        )
        return f"A test is on its way to {address}, as {recipient.participant} would get it. Nobody else gets anything."

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        return [
            operation
            for race, found in self._plan(rows, answers)
            for operation in send(
                recipients=found.recipients,
                subject=answers["subject"],
                body=answers["body"],
                race=race,
                actor=actor,
                reason=answers["reason"],
            )
        ]

    def _plan(self, rows: QuerySet[Any], answers: Mapping[str, Any]) -> list[tuple[Race | None, Plan]]:
        raise NotImplementedError

    def _find_row(self, race: Race | None, registration: Registration) -> int:
        raise NotImplementedError

    def _find_first(self, rows: QuerySet[Any], answers: Mapping[str, Any]) -> tuple[Race | None, Registration] | None:
        recipients = ((race, each) for race, found in self._plan(rows, answers) for each in found.recipients)
        return next(recipients, None)


class WriteToParticipants(MailAction):
    name = "write"
    label = "Write to participants…"
    title = "Write to participants"
    explanation = "One mail to each of those who were chosen and still take part. They do not see each other."
    form_class = ParticipantsMailForm

    def _plan(self, rows: QuerySet[Any], answers: Mapping[str, Any]) -> list[tuple[Race | None, Plan]]:
        race = answers["race"]
        return [(race, plan(people=load_people(rows), audience=answers["audience"], race=race))]

    def _find_row(self, race: Race | None, registration: Registration) -> int:
        return registration.pk


class MailRace(MailAction):
    name = "mail_race"
    label = "Mail this race…"
    title = "Mail a race"
    explanation = "One mail, with the race's address, to each participant of its event who can enter it."
    form_class = RaceMailForm

    def _plan(self, rows: QuerySet[Any], answers: Mapping[str, Any]) -> list[tuple[Race | None, Plan]]:
        races = list(rows.select_related("sponsoring_account"))
        people = load_people(Registration.objects.filter(event__in=[race.event_id for race in races]))
        return [
            (
                race,
                plan(
                    people=[each for each in people if each.event_id == race.event_id],
                    audience=answers["audience"],
                    race=race,
                ),
            )
            for race in races
        ]

    def _find_row(self, race: Race | None, registration: Registration) -> int:
        return race.pk if race else 0


def _name_mail(race: Race | None) -> str:
    return f"Mail about {race}" if race else "Mail"


def _word(race: Race | None, recipient: Registration, answers: Mapping[str, Any]) -> Template:
    letter = write_draft(event=recipient.event, race=race, subject=answers["subject"], body=answers["body"])
    return word_mail(letter, address_mail(recipient, letter))


WRITE = WriteToParticipants()
MAIL_RACE = MailRace()
