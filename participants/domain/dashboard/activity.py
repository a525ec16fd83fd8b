"""What was done lately, and what is being done."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from events.models import Event
from paddock.audit.models import AuditEntry
from participants.domain.operations import Progress, see_progress
from participants.models import Operation, Step

OPEN = (Step.State.BLOCKED, Step.State.READY, Step.State.CLAIMED)


@dataclass(frozen=True)
class RunningOperation:
    operation: Operation
    progress: Progress


def list_recent_actions(*, event: Event, number: int = 6) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(event_id=event.pk).order_by("-at", "-id")[:number])


def find_running_operations(*, event: Event, number: int = 5) -> list[RunningOperation]:
    """The latest ones that are not over. Two queries."""
    steps = Step.objects.filter(operation=OuterRef("pk"), state__in=OPEN)
    running = list(Operation.objects.filter(Exists(steps), event=event).order_by("-started_at", "-id")[:number])
    progress = see_progress(operations=running)
    return [RunningOperation(each, progress[each.pk]) for each in running]
