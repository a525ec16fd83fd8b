"""Sending what is owed: a row first, then the mail, then the outcome.

A message whose worker died while the provider had it goes out again: a duplicate is better than none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from events.domain.connections import open_mail
from integrations.errors import IntegrationError
from integrations.mail.protocol import Mail, Template
from integrations.mail.rendering import escape_html, render, to_one_line
from paddock.bulk import write_values
from participants.convergence.outcomes import Done, Outcome, judge
from participants.domain.status import find_access_url, status_path
from participants.models import Announcement, Message, Registration, Step

# What is kept in the place of what the racer alone may know.
MASK = "(sent to the racer alone)"
LEFT_OUT = IntegrationError("The mail provider's answer left this mail out; Paddock sends it again.")


@dataclass(frozen=True)
class Letter:
    """What is to be sent to many. `values` are what is filled in alike for all of them; `secrets`, by registration,
    what is filled in for one of them and never stored.
    """

    kind: Message.Kind
    template: Template
    values: Mapping[str, str] = field(default_factory=dict)
    announcement: Announcement | None = None
    secrets: Mapping[int, Mapping[str, str]] = field(default_factory=dict, repr=False)


def send_messages(steps: Sequence[Step], letter: Letter) -> dict[int, Outcome]:
    """Send the letter to the participant of every step, who are different people of one event. What was sent before
    is not sent again.
    """
    provider = open_mail(steps[0].event)
    registrations = {step.registration.pk: step.registration for step in steps if step.registration}
    mails = {registration_id: address_mail(each, letter) for registration_id, each in registrations.items()}
    messages = _owe_messages(registrations, mails, letter)
    unsent = [message for message in messages.values() if message.state != Message.State.SENT]
    _word_anew([message for message in unsent if message.attempts], registrations, mails, letter)
    _mark_sending(unsent)
    outgoing = [mails[message.registration_id] for message in unsent]
    # A provider that forgets one mail must not have the rest of its batch sent again.
    answers = {mail.key: LEFT_OUT for mail in outgoing} | provider.send(letter.template, outgoing)
    _note_answers(unsent, answers)
    return {step.pk: _settle(answers.get(str(step.registration_id))) for step in steps}


def find_unsent(steps: Sequence[Step], kind: Message.Kind) -> list[Step]:
    """Those whose participants have not been sent their message of this kind."""
    sent = Message.objects.filter(
        registration__in=[step.registration_id for step in steps], kind=kind, state=Message.State.SENT
    )
    known = set(sent.values_list("registration", flat=True))
    return [step for step in steps if step.registration_id not in known]


def address_mail(registration: Registration, letter: Letter) -> Mail:
    participant = registration.participant
    return Mail(
        key=str(registration.pk),
        to=participant.email,
        substitutions={
            **letter.values,
            "given_name": participant.given_name,
            "family_name": participant.family_name,
            "email": participant.email,
            "access_url": find_access_url(registration),
            "status_url": settings.SITE_URL + status_path(registration),
            **letter.secrets.get(registration.pk, {}),
        },
    )


def word_mail(letter: Letter, mail: Mail) -> Template:
    """Subject, text and HTML as they go out."""
    return Template(
        subject=to_one_line(render(letter.template.subject, mail.substitutions)),
        text=render(letter.template.text, mail.substitutions),
        html=render(letter.template.html, mail.substitutions, escape_html),
    )


def _owe_messages(registrations: dict[int, Registration], mails: dict[int, Mail], letter: Letter) -> dict[int, Message]:
    """The messages by registration, made where they do not exist yet, worded as they go out."""
    Message.objects.bulk_create(
        [_word_message(registration, mails[pk], letter) for pk, registration in registrations.items()],
        ignore_conflicts=True,
    )
    messages = Message.objects.filter(
        registration__in=registrations, kind=letter.kind, announcement=letter.announcement
    )
    return {message.registration_id: message for message in messages.only("registration_id", "state", "attempts")}


def _word_anew(
    messages: Sequence[Message], registrations: Mapping[int, Registration], mails: Mapping[int, Mail], letter: Letter
) -> None:
    """Between two tries the words may have changed."""
    for message in messages:
        worded = _word_message(registrations[message.registration_id], mails[message.registration_id], letter)
        message.subject, message.text, message.html = worded.subject, worded.text, worded.html
    Message.objects.bulk_update(messages, ["subject", "text", "html"])


def _word_message(registration: Registration, mail: Mail, letter: Letter) -> Message:
    masked = dict.fromkeys(letter.secrets.get(registration.pk, {}), MASK)
    words = word_mail(letter, replace(mail, substitutions={**mail.substitutions, **masked}))
    return Message(
        organization_id=registration.organization_id,
        registration=registration,
        kind=letter.kind,
        announcement=letter.announcement,
        recipient=mail.to,
        subject=words.subject[:300],
        text=words.text,
        html=words.html,
    )


def _mark_sending(messages: Sequence[Message]) -> None:
    """Committed before the call, so that nobody wonders later what was under way when a worker died."""
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(
        state=Message.State.SENDING, attempts=F("attempts") + 1
    )


def _note_answers(messages: Sequence[Message], answers: Mapping[str, str | IntegrationError]) -> None:
    """What was sent is written down first: a message that is known as sent is never sent again."""
    sent: dict[int, str] = {}
    refused: dict[tuple[str, Message.State], list[int]] = defaultdict(list)
    for message in messages:
        answer = answers[str(message.registration_id)]
        if isinstance(answer, IntegrationError):
            state = Message.State.FAILED if answer.permanent else Message.State.QUEUED
            refused[str(answer), state].append(message.pk)
        else:
            sent[message.pk] = answer
    Message.objects.filter(pk__in=sent).update(state=Message.State.SENT, sent_at=timezone.now(), error="")
    write_values(Message, "provider_message_id", sent)
    for (error, state), ids in refused.items():
        Message.objects.filter(pk__in=ids).update(state=state, error=error)


def _settle(answer: str | IntegrationError | None) -> Outcome:
    """None: the message had been sent before."""
    return judge(answer) if isinstance(answer, IntegrationError) else Done()
