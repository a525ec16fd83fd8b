"""Asking Entra to bring a membership into Identity Center now rather than with its next cycle."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from events.domain.connections import open_provisioning
from events.models import Event
from integrations.directories.entra.provisioning import Provisioning
from integrations.errors import IntegrationError
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Outcome, judge
from participants.domain.webhooks.telling import tell_failures
from participants.models import Step
from participants.steps.people import by_account, registration_of


@step_kind(
    "push",
    title="On-demand provisioning",
    promise="Your membership travels to AWS",
    batch_size=100,
    needs=("membership",),
    tells=tell_failures,
)
def push_memberships(steps: Sequence[Step]) -> dict[int, Outcome]:
    event = steps[0].event
    provisioning = open_provisioning(event)
    if provisioning is None or _cycle_is_sooner(provisioning, event):
        return dict.fromkeys([step.pk for step in steps], Done("Left to Entra's regular cycle."))
    outcomes: dict[int, Outcome] = {}
    for account, members in by_account(steps):
        user_ids = [registration_of(step).directory_user_id for step in members]
        answers = provisioning.push(account.directory_group_id, user_ids)
        outcomes |= {step.pk: _settle(answers[registration_of(step).directory_user_id]) for step in members}
    return outcomes


def _cycle_is_sooner(provisioning: Provisioning, event: Event) -> bool:
    """Pushing has its limits: a bulk load is often served sooner by the cycle that comes anyway."""
    cycle = provisioning.next_cycle()
    if cycle is None:
        return False
    pending = Step.objects.filter(event=event, kind="push").exclude(state=Step.State.DONE).count()
    return cycle < timezone.now() + timedelta(seconds=provisioning.seconds_to_push(pending))


def _settle(answer: IntegrationError | None) -> Outcome:
    """A push that is refused for good is no failure: the cycle does the same, only later."""
    if answer is None:
        return Done()
    if answer.permanent:
        return Done(f"Left to Entra's regular cycle: {answer}")
    return judge(answer)
