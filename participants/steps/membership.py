"""Membership of the event's group."""

from collections.abc import Sequence

from events.domain.connections import open_directory
from integrations.errors import IntegrationError
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Outcome, judge
from participants.domain.webhooks.telling import tell_failures
from participants.models import Step
from participants.steps.people import by_account, registration_of


@step_kind(
    "membership",
    title="Membership of the event group",
    promise="You join the event's group",
    batch_size=100,  # five PATCHes of 20 members are one call
    needs=("identity", "group"),
    tells=tell_failures,
)
def add_memberships(steps: Sequence[Step]) -> dict[int, Outcome]:
    directory = open_directory(steps[0].event)
    outcomes: dict[int, Outcome] = {}
    for account, members in by_account(steps):
        user_ids = [registration_of(step).directory_user_id for step in members]
        answers = directory.add_members(account.directory_group_id, user_ids)
        outcomes |= {step.pk: _settle(answers[registration_of(step).directory_user_id]) for step in members}
    return outcomes


def _settle(answer: IntegrationError | None) -> Outcome:
    return Done() if answer is None else judge(answer)
