"""Owing an announcement to many, and trying it on oneself first."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from events.domain.connections import open_mail
from events.models import Event, Race
from integrations.errors import IntegrationError
from paddock.audit.recording import record
from participants.convergence import doorbell
from participants.domain.announcements.words import write_draft
from participants.domain.messages import address_mail
from participants.models import Announcement, Operation, Registration, Step

STEP = "announcement"


def send(
    *,
    recipients: Collection[Registration],
    subject: str,
    body: str,
    race: Race | None,
    actor: AbstractBaseUser | None,
    reason: str = "",
) -> Sequence[Operation]:
    """Owe each of them the mail, once. One operation for each event. Belongs into a transaction."""
    by_event: dict[Event, list[int]] = defaultdict(list)
    for registration in recipients:
        by_event[registration.event].append(registration.pk)
    operations = []
    for event, registrations in by_event.items():
        announcement = Announcement.objects.create(
            organization_id=event.organization_id,
            event=event,
            race=race,
            subject=subject,
            body=body,
            created_by_id=actor.pk if actor else None,
        )
        operations.append(_start_operation(announcement, registrations, actor, reason))
    return operations


def _start_operation(
    announcement: Announcement, registrations: Sequence[int], actor: AbstractBaseUser | None, reason: str
) -> Operation:
    event = announcement.event
    operation = Operation.objects.create(
        organization_id=event.organization_id,
        event=event,
        title=f"Mail: {announcement.subject}"[:200],
        reason=reason,
        started_by_id=actor.pk if actor else None,
        total=len(registrations),
    )
    _owe(announcement, registrations, operation)
    record(
        actor=actor,
        action="mailed participants",
        about=announcement,
        event_id=event.pk,
        reason=reason,
        changes={"recipients": [0, len(registrations)]},
    )
    doorbell.ring(organization_id=event.organization.pk, event_id=event.pk, kinds=[STEP])
    return operation


def _owe(announcement: Announcement, registrations: Sequence[int], operation: Operation) -> None:
    now = timezone.now()
    Step.objects.bulk_create(
        Step(
            organization_id=announcement.organization_id,
            event=announcement.event,
            registration_id=registration_id,
            kind=STEP,
            announcement=announcement,
            operation=operation,
            state=Step.State.READY,
            due_at=now,
            ready_at=now,
        )
        for registration_id in registrations
    )


def send_to_oneself(*, recipient: Registration, subject: str, body: str, race: Race | None, address: str) -> None:
    """The mail as this recipient would get it, to another address. Nothing of it is kept. Raises IntegrationError."""
    letter = write_draft(event=recipient.event, race=race, subject=subject, body=body)
    mail = replace(address_mail(recipient, letter), key="test", to=address)
    answer = open_mail(recipient.event).send(letter.template, [mail])[mail.key]
    if isinstance(answer, IntegrationError):
        raise answer
