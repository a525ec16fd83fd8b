"""Membership of the event's group."""

from collections.abc import Sequence

from events.domain.connections import open_directory
from integrations.errors import IntegrationError
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Outcome, judge
from participants.models import Step
from participants.steps.people import registration_of


@step_kind(
    "membership",
    title="Membership of the event group",
    promise="You join the event's group",
    batch_size=100,  # five PATCHes of 20 members are one call
    needs=("identity", "group"),
)
def add_memberships(steps: Sequence[Step]) -> dict[int, Outcome]:
    event = steps[0].event
    user_ids = [registration_of(step).directory_user_id for step in steps]
    answers = open_directory(event).add_members(event.directory_group_id, user_ids)
    return {step.pk: _settle(answers[registration_of(step).directory_user_id]) for step in steps}


def _settle(answer: IntegrationError | None) -> Outcome:
    return Done() if answer is None else judge(answer)
