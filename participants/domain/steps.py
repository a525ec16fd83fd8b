"""What a person may decide about steps."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from participants.convergence import doorbell
from participants.models import Step

RETRIABLE = (Step.State.FAILED, Step.State.READY)


def retry_now(*, steps: QuerySet[Step]) -> int:
    """Try again at once what failed or waits for its time. Returns the number of steps."""
    with transaction.atomic():
        # Locked, so that a step that a worker takes at this very moment stays with it.
        waiting = Step.objects.filter(pk__in=steps.order_by().values("pk"), state__in=RETRIABLE).order_by("pk")
        chosen = list(waiting.select_for_update().values_list("organization_id", "event_id", "kind", "id"))
        now = timezone.now()
        Step.objects.filter(id__in=[step_id for _, _, _, step_id in chosen]).update(
            state=Step.State.READY, due_at=now, ready_at=now, attempts=0, detail="", hint=""
        )
        for organization_id, event_id, kind in {work[:3] for work in chosen}:
            doorbell.ring(organization_id=organization_id, event_id=event_id, kinds=[kind])
    return len(chosen)
