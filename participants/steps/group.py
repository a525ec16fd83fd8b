"""The event's group in its directory."""

from collections.abc import Sequence

from events.domain.connections import open_directory
from events.models import Event
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Outcome
from participants.models import Step


@step_kind(
    "group",
    title="Event group in the directory",
    promise="The event's group is set up",
    batch_size=1,
)
def ensure_group(steps: Sequence[Step]) -> dict[int, Outcome]:
    (step,) = steps
    event = step.event
    description = f"Racers of “{event.title}”, looked after by Paddock."
    group_id = open_directory(event).ensure_group(name=name_group(event), description=description)
    Event.objects.filter(pk=event.pk).update(directory_group_id=group_id)
    return {step.pk: Done()}


def name_group(event: Event) -> str:
    return event.group_name or f"paddock-{event.organization.slug}-{event.slug}"
