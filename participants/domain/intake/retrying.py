"""Trying again what could not be registered: when somebody asks, and when the event has a place."""

from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from events.models import Intake
from integrations.intake.dynamodb.items import parse_item
from paddock.audit.recording import record
from participants.domain.intake.schedule import request_read
from participants.domain.intake.taking import settle
from participants.domain.intake.turn import BATCH, Turn
from participants.domain.registration import see_window
from participants.models import IntakeItem

State = IntakeItem.State
RETRIABLE = (State.UNMAPPED, State.WAITING)


def request_retry(*, intake: Intake, actor: AbstractBaseUser | None, item_ids: Iterable[int] | None = None) -> int:
    """Have all of them or the chosen ones tried again. Returns how many there are to try."""
    items = IntakeItem.objects.filter(intake=intake, state__in=RETRIABLE)
    if item_ids is not None:
        items = items.filter(pk__in=list(item_ids))
    with transaction.atomic():
        number = items.update(wants_retry=True)
        if number:
            record(
                actor=actor,
                action=f"tried {number} of the portal's items again",
                about=intake,
                event_id=intake.event_id,
            )
            request_read(organization_id=intake.organization.pk, intake_id=intake.pk)
    return number


def retry_items(turn: Turn) -> None:
    """Whatever somebody asked for, then those who wait, as long as the event takes people."""
    items = IntakeItem.objects.filter(intake=turn.intake, state__in=RETRIABLE).order_by("id")
    asked_for = items.filter(wants_retry=True)
    while not turn.is_over and _retry(turn, asked_for[:BATCH]):
        pass
    waiting = items.filter(state=State.WAITING)
    after = 0
    while not turn.is_over and waiting.filter(pk__gt=after).exists() and see_window(event=turn.load_event()).is_open:
        after = _retry(turn, waiting.filter(pk__gt=after)[:BATCH])


def _retry(turn: Turn, items: QuerySet[IntakeItem]) -> int:
    """The last one's id; 0 where there is none left."""
    with transaction.atomic():
        turn.claim.renew()
        rules, event, last = turn.load_rules(), turn.load_event(), 0
        for item in items.select_related("registration__participant"):
            settle(item, rules, event, parse_item(item.content), readmits=item.wants_retry)
            item.save()
            last = item.pk
    return last
