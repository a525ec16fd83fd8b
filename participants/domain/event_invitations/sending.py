"""Inviting people, and trying the words on oneself first."""

from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser

from events.domain.connections import open_mail
from events.models import Event
from integrations.errors import IntegrationError
from paddock.audit.recording import record
from participants.domain.event_invitations.planning import Address
from participants.domain.event_invitations.words import address_invitation, write_invitation
from participants.domain.owing import owe_event_steps_again
from participants.models import Announcement, EventInvitation, Operation

STEP = "invitations"


def invite(
    *,
    event: Event,
    recipients: Sequence[Address],
    subject: str,
    body: str,
    actor: AbstractBaseUser | None,
    reason: str = "",
) -> Operation:
    """Owe each of them the mail. Belongs into a transaction."""
    announcement = Announcement.objects.create(
        organization_id=event.organization_id,
        event=event,
        subject=subject,
        body=body,
        created_by_id=actor.pk if actor else None,
    )
    _owe(announcement, recipients)
    operation = Operation.objects.create(
        organization_id=event.organization_id,
        event=event,
        title=f"Invite: {subject}"[:200],
        reason=reason,
        started_by_id=actor.pk if actor else None,
    )
    operation.total = owe_event_steps_again(event=event, kinds=[STEP], operation=operation)
    operation.save(update_fields=["total"])
    record(
        actor=actor,
        action="invited people",
        about=event,
        event_id=event.pk,
        reason=reason,
        changes={"invitations": [0, len(recipients)]},
    )
    return operation


def _owe(announcement: Announcement, recipients: Sequence[Address]) -> None:
    """Whoever was invited before keeps their row and is owed the new words."""
    EventInvitation.objects.bulk_create(
        [
            EventInvitation(
                organization_id=announcement.organization_id,
                event=announcement.event,
                email=each.email,
                announcement=announcement,
            )
            for each in recipients
            if not each.again
        ],
        ignore_conflicts=True,  # somebody else invited them in this very moment
    )
    known = EventInvitation.objects.filter(
        event=announcement.event, email_key__in=[each.email.lower() for each in recipients if each.again]
    )
    known.update(announcement=announcement, state=EventInvitation.State.OWED, error="")


def send_to_oneself(*, event: Event, subject: str, body: str, address: str) -> None:
    """The mail as everybody would get it. Nothing of it is kept. Raises IntegrationError."""
    mail = address_invitation(event, key="test", email=address)
    answer = open_mail(event).send(write_invitation(event=event, subject=subject, body=body), [mail])[mail.key]
    if isinstance(answer, IntegrationError):
        raise answer
