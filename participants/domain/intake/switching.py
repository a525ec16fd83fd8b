"""Reading a portal's table, or leaving it alone."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from events.models import Intake
from paddock.audit.recording import record
from participants.domain.intake.schedule import request_read


def switch_intake(*, intake: Intake, on: bool, actor: AbstractBaseUser | None) -> None:
    """A pause keeps the place in the stream; one of a day or more ends with the whole table being read again."""
    with transaction.atomic():
        if not Intake.objects.filter(pk=intake.pk, is_enabled=not on).update(is_enabled=on):
            return
        deed = "started reading the portal's table" if on else "paused the reading of the portal's table"
        record(actor=actor, action=deed, about=intake, event_id=intake.event_id)
        if on:
            request_read(organization_id=intake.organization.pk, intake_id=intake.pk)
