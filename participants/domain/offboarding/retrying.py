"""Another try at what could not be taken back, once a person has mended what was in its way."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from events.models import Event
from paddock.audit.recording import record
from participants.convergence import doorbell
from participants.convergence.kinds import get_kind
from participants.convergence.unblocking import unblock_steps
from participants.domain.offboarding.kinds import EVENT_KINDS, REGISTRATION_KINDS
from participants.models import Step


def retry_quarantined(
    *, event: Event, actor: AbstractBaseUser | None, registration_id: int | None = None, reason: str = ""
) -> int:
    """Try all of the event again, or all of one person. Returns the number of steps.

    They wait for one another in their order, as at first.
    """
    with transaction.atomic():
        failed = Step.objects.filter(
            event=event, kind__in=[*REGISTRATION_KINDS, *EVENT_KINDS], state=Step.State.FAILED
        ).order_by("pk")
        chosen = failed.filter(registration=registration_id) if registration_id else failed
        found = list(chosen.select_for_update().values_list("pk", "kind"))
        kinds = sorted({kind for _, kind in found})
        Step.objects.filter(pk__in=[pk for pk, _ in found]).update(
            state=Step.State.BLOCKED, due_at=timezone.now(), ready_at=None, attempts=0, detail="", hint=""
        )
        for kind in kinds:
            unblock_steps(event_id=event.pk, kind=get_kind(kind))
        if found:
            tried = "1 quarantined step" if len(found) == 1 else f"{len(found)} quarantined steps"
            record(actor=actor, action=f"tried {tried} again", about=event, event_id=event.pk, reason=reason)
        doorbell.ring(organization_id=event.organization.pk, event_id=event.pk, kinds=kinds)
    return len(found)
