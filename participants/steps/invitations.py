"""The invitations that an event's organizers asked to be sent."""

from collections.abc import Sequence

from participants.convergence.holding import holding
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Outcome, Wait, judge
from participants.domain.event_invitations.delivering import Delivery, deliver_invitations
from participants.models import Step


@step_kind(
    "invitations",
    title="Invitations",
    promise="People are invited",
    batch_size=1,
)
def send_invitations(steps: Sequence[Step]) -> dict[int, Outcome]:
    (step,) = steps
    with holding("invitations", event_id=step.event.pk) as is_alone:
        if not is_alone:
            return {step.pk: Wait("Another worker is at this event's invitations.")}
        return {step.pk: _judge(deliver_invitations(event=step.event))}


def _judge(delivery: Delivery) -> Outcome:
    if delivery.problem:
        return judge(delivery.problem)
    refused = f", {delivery.refused} refused: the list of invitations says why" if delivery.refused else ""
    return Done(f"{delivery.sent} sent{refused}.")
