"""Waiting until nothing of a racer is in work: what is worked on cannot be deleted, and goes on costing."""

from collections.abc import Sequence

from integrations.errors import IntegrationError
from integrations.racing.protocol import ModelStatus, RacingService, TrainedModel
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Outcome, Wait, judge
from participants.domain.offboarding.kinds import LONG_PATIENCE
from participants.domain.offboarding.leavers import Leaver
from participants.models import Step
from participants.steps.leaving import count, read_models, settle_leaving


@step_kind(
    "remove_waiting",
    title="Nothing in work",
    promise="What still runs comes to its end",
    batch_size=5000,  # everybody's models are read once
    follows=("remove_jobs",),
    together=True,
    purpose=Purpose.TAKE,
    patience=LONG_PATIENCE,
)
def wait_for_work(steps: Sequence[Step]) -> dict[int, Outcome]:
    return settle_leaving(steps, _look, kept="Not waited for")


def _look(service: RacingService, leavers: Sequence[Leaver]) -> dict[int, Outcome]:
    models = read_models(service, leavers)
    return {each.step.pk: _judge(models[each.service_id]) for each in leavers}


def _judge(models: Sequence[TrainedModel] | IntegrationError) -> Outcome:
    if isinstance(models, IntegrationError):
        return judge(models)
    working = [model.name for model in models if model.status is ModelStatus.WORKING]
    if working:
        return Wait(f"Still in work: {', '.join(sorted(working)[:5])}.")
    return Done(f"Read back: {count(len(models), 'model')}, none in work.")
