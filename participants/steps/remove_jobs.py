"""Ending what racers have running, where the account can."""

from collections.abc import Sequence

from integrations.errors import IntegrationError
from integrations.racing.protocol import RacingService
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Outcome, Wait, judge
from participants.domain.offboarding.kinds import LONG_PATIENCE
from participants.domain.offboarding.leavers import Leaver
from participants.models import Step
from participants.steps.leaving import count, settle_leaving

CANNOT = Done("This account cannot end jobs. What runs goes on to its end, which the next step waits for.")


@step_kind(
    "remove_jobs",
    title="Jobs stopped",
    promise="Your running jobs are stopped",
    batch_size=5000,  # everybody's models are read once
    follows=("remove_sponsorship",),
    together=True,
    purpose=Purpose.TAKE,
    patience=LONG_PATIENCE,
)
def remove_jobs(steps: Sequence[Step]) -> dict[int, Outcome]:
    return settle_leaving(steps, _stop, kept="Jobs left running")


def _stop(service: RacingService, leavers: Sequence[Leaver]) -> dict[int, Outcome]:
    if not service.capabilities.stops_jobs:
        return {each.step.pk: CANNOT for each in leavers}
    answers = service.stop_jobs([each.service_id for each in leavers])
    return {each.step.pk: _judge(answers[each.service_id]) for each in leavers}


def _judge(answer: int | IntegrationError) -> Outcome:
    """Only a look that found nothing to stop is the end of it."""
    if isinstance(answer, IntegrationError):
        return judge(answer)
    return Wait(f"{count(answer, 'job')} asked to stop.") if answer else Done("Read back: nothing is left to stop.")
