"""Mailing the invitations that an event owes. The row is marked first, so that a mail that was sent is known as sent.

A mail whose worker died while the provider had it goes out again: a duplicate is better than none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from events.domain.connections import open_mail
from events.models import Event
from integrations.errors import IntegrationError
from integrations.mail.protocol import MailProvider
from paddock.bulk import write_values
from participants.domain.event_invitations.words import address_invitation, write_invitation
from participants.models import Announcement, EventInvitation

LEFT_OUT = IntegrationError("The mail provider's answer left this mail out; Paddock sends it again.")
State = EventInvitation.State

Answers = Mapping[int, str | IntegrationError]


@dataclass(frozen=True)
class Delivery:
    """Numbers of invitations. `problem` keeps what is still owed from going out."""

    sent: int
    refused: int
    problem: IntegrationError | None = None


def deliver_invitations(*, event: Event) -> Delivery:
    """Everything that is owed, in batches.

    Ends with a batch of which some are to be tried again, or of which nobody was served: whatever keeps a whole batch
    from going out keeps the next one, too, and is for a person to mend.
    """
    provider = open_mail(event)
    sent = refused = 0
    while batch := list(_find_owed(event)[: provider.batch_size]):
        answers = _send(event, provider, batch)
        problem = _find_problem(answers)
        _note_answers(answers, refusal=State.OWED if problem else State.FAILED)
        served = sum(isinstance(answer, str) for answer in answers.values())
        sent, refused = sent + served, refused + (0 if problem else len(answers) - served)
        if problem:
            return Delivery(sent, refused, problem)
    return Delivery(sent, refused)


def _find_owed(event: Event) -> QuerySet[EventInvitation]:
    owed = EventInvitation.objects.filter(event=event, state__in=[State.OWED, State.SENDING])
    return owed.select_related("announcement").order_by("announcement_id", "id")


def _send(event: Event, provider: MailProvider, batch: Sequence[EventInvitation]) -> Answers:
    """By the invitation's id. Those with the same words go out together."""
    EventInvitation.objects.filter(pk__in=[each.pk for each in batch]).update(state=State.SENDING)
    alike: dict[Announcement, list[EventInvitation]] = defaultdict(list)
    for invitation in batch:
        alike[invitation.announcement].append(invitation)
    answers: dict[int, str | IntegrationError] = {}
    for words, invitations in alike.items():
        template = write_invitation(event=event, subject=words.subject, body=words.body)
        mails = [address_invitation(event, key=str(each.pk), email=each.email) for each in invitations]
        given = provider.send(template, mails)
        answers |= {each.pk: given.get(str(each.pk), LEFT_OUT) for each in invitations}
    return answers


def _find_problem(answers: Answers) -> IntegrationError | None:
    """One address that is refused is that person's alone; with several of which none is served, it is the sender's."""
    errors = [answer for answer in answers.values() if isinstance(answer, IntegrationError)]
    passing = next((error for error in errors if not error.permanent), None)
    everybody = len(errors) > 1 and len(errors) == len(answers)
    return passing or (errors[0] if everybody else None)


def _note_answers(answers: Answers, *, refusal: EventInvitation.State) -> None:
    """What was sent is written down first: an invitation that is known as sent is not sent again."""
    sent = {pk: answer for pk, answer in answers.items() if isinstance(answer, str)}
    EventInvitation.objects.filter(pk__in=sent).update(state=State.SENT, sent_at=timezone.now(), error="")
    write_values(EventInvitation, "provider_message_id", sent)
    refused: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for pk, answer in answers.items():
        if isinstance(answer, IntegrationError):
            refused[str(answer), answer.permanent].append(pk)
    for (error, is_permanent), ids in refused.items():
        state = refusal if is_permanent else State.OWED
        EventInvitation.objects.filter(pk__in=ids).update(state=state, error=error)
