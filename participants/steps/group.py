"""The event's group in its directory, one for each sponsoring account."""

from collections.abc import Sequence

from events.domain.access import name_group
from events.domain.connections import open_directory
from events.models import EventAccount
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
    event, directory = step.event, open_directory(step.event)
    description = f"Racers of “{event.title}”, looked after by Paddock."
    for account in event.accounts.all():
        group_id = directory.ensure_group(name=name_group(account), description=description)
        EventAccount.objects.filter(pk=account.pk).update(directory_group_id=group_id)
    return {step.pk: Done()}
