"""Sending what is owed: a row first, then the mail, then the outcome.

A message whose worker died while the provider had it goes out again: a duplicate is better than none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from events.domain.connections import open_mail
from events.models import Event, MailTemplate
from integrations.errors import IntegrationError
from integrations.mail.protocol import Mail, Template
from integrations.mail.rendering import escape_html, render, to_one_line
from paddock.bulk import write_values
from participants.convergence.outcomes import Done, Outcome, judge
from participants.domain.mail_templates import compile_template
from participants.domain.status import find_access_url, status_path
from participants.models import Message, Registration, Step

LEFT_OUT = IntegrationError("The mail provider's answer left this mail out; Paddock sends it again.")


def send_messages(steps: Sequence[Step], *, kind: MailTemplate.Kind) -> dict[int, Outcome]:
    """Send one message of this kind to the participant of every step; what was sent before is not sent again."""
    event = steps[0].event
    provider, template = open_mail(event), compile_template(event=event, kind=kind)
    registrations = {step.registration.pk: step.registration for step in steps if step.registration}
    mails = {registration_id: _address_mail(each) for registration_id, each in registrations.items()}
    messages = _owe_messages(event, registrations, mails, template, kind)
    unsent = [message for message in messages.values() if message.state != Message.State.SENT]
    _mark_sending(unsent)
    outgoing = [mails[message.registration_id] for message in unsent]
    # A provider that forgets one mail must not have the rest of its batch sent again.
    answers = {mail.key: LEFT_OUT for mail in outgoing} | provider.send(template, outgoing)
    _note_answers(unsent, answers)
    return {step.pk: _settle(answers.get(str(step.registration_id))) for step in steps}


def _address_mail(registration: Registration) -> Mail:
    participant = registration.participant
    return Mail(
        key=str(registration.pk),
        to=participant.email,
        substitutions={
            "given_name": participant.given_name,
            "family_name": participant.family_name,
            "access_url": find_access_url(registration),
            "status_url": settings.SITE_URL + status_path(registration),
        },
    )


def _owe_messages(
    event: Event,
    registrations: dict[int, Registration],
    mails: dict[int, Mail],
    template: Template,
    kind: MailTemplate.Kind,
) -> dict[int, Message]:
    """The messages by registration, made where they do not exist yet, worded as they go out."""
    Message.objects.bulk_create(
        [_word_message(event, registration, mails[pk], template, kind) for pk, registration in registrations.items()],
        ignore_conflicts=True,
    )
    return {
        message.registration_id: message
        for message in Message.objects.filter(registration__in=registrations, kind=kind).only(
            "registration_id", "state"
        )
    }


def _word_message(
    event: Event, registration: Registration, mail: Mail, template: Template, kind: MailTemplate.Kind
) -> Message:
    return Message(
        organization_id=event.organization_id,
        registration=registration,
        kind=kind,
        recipient=mail.to,
        subject=to_one_line(render(template.subject, mail.substitutions)),
        text=render(template.text, mail.substitutions),
        html=render(template.html, mail.substitutions, escape_html),
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
