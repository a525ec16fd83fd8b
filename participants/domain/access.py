"""An event's way into its sponsoring account, before and after the first person registers."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from events.models import Event
from paddock.audit.recording import record
from participants.convergence import doorbell
from participants.convergence.kinds import get_kind
from participants.domain.journey import EVENT_STEPS, owe_event_steps
from participants.models import Step


def prepare_event(*, event: Event, actor: AbstractBaseUser | None = None, reason: str = "") -> None:
    """Owe the event its group, permission set and assignment, again if they were made before.

    What is in work at this moment stays with its worker. Nobody loses access meanwhile.
    """
    with transaction.atomic():
        kinds = owe_event_steps(event=event)
        for kind in EVENT_STEPS:
            _make_due_again(event, kind)
        record(actor=actor, action="set up access", about=event, event_id=event.pk, reason=reason)
        doorbell.ring(organization_id=event.organization.pk, event_id=event.pk, kinds=kinds)


def _make_due_again(event: Event, kind: str) -> None:
    """A step that needs another one waits for it once more, so that both happen in order."""
    now = timezone.now()
    waits = not get_kind(kind).is_first
    steps = Step.objects.filter(event=event, registration=None, kind=kind).exclude(state=Step.State.CLAIMED)
    steps.update(
        state=Step.State.BLOCKED if waits else Step.State.READY,
        due_at=now,
        ready_at=None if waits else now,
        done_at=None,
        attempts=0,
        detail="",
        hint="",
    )
