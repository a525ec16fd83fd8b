"""Deleting a racer's models, or keeping them as chosen."""

from collections.abc import Sequence

from integrations.errors import IntegrationError
from integrations.racing.protocol import ModelStatus, RacingService, TrainedModel
from integrations.repetition import Answers
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Outcome, Retry, Wait, judge
from participants.domain.offboarding.kinds import LONG_PATIENCE
from participants.domain.offboarding.leavers import Leaver
from participants.domain.trained_models.reading import Models
from participants.models import Step
from participants.steps.leaving import ROUNDS, count, read_models, settle_leaving

MEGABYTE = 2**20


@step_kind(
    "remove_models",
    title="Models",
    promise="Your models are deleted, unless the organizers keep them",
    batch_size=5000,  # everybody's models are read once
    follows=("remove_waiting",),
    together=True,
    purpose=Purpose.TAKE,
    patience=LONG_PATIENCE,
)
def remove_models(steps: Sequence[Step]) -> dict[int, Outcome]:
    return settle_leaving(steps, _delete, kept="Models kept")


def _delete(service: RacingService, leavers: Sequence[Leaver]) -> dict[int, Outcome]:
    models = read_models(service, leavers)
    unwanted = [each for each in leavers if not each.registration.keeps_models]
    answers: Answers = {}
    for _ in range(ROUNDS):
        asked = [each.service_id for each in unwanted if _has_any(models, each)]
        if not asked:
            break
        answers = service.delete_all_models(asked)
        models = read_models(service, leavers)
    return {each.step.pk: _judge(each, models[each.service_id], answers.get(each.service_id)) for each in leavers}


def _has_any(models: Models, leaver: Leaver) -> bool:
    """Of what can be asked for: what is being deleted already goes by itself."""
    found = models[leaver.service_id]
    if isinstance(found, IntegrationError):
        return False
    return any(model.status is not ModelStatus.DELETING for model in found)


def _judge(
    leaver: Leaver, models: Sequence[TrainedModel] | IntegrationError, error: IntegrationError | None
) -> Outcome:
    if isinstance(models, IntegrationError):
        return judge(models)
    if leaver.registration.keeps_models:
        return Done(_word_kept(models))
    if not models:
        return Done("Read back: no models.")
    if all(model.status is ModelStatus.DELETING for model in models):
        return Wait(f"{count(len(models), 'model')} being deleted.")
    if error is not None:
        return judge(error)
    names = sorted(model.name for model in models if model.status is not ModelStatus.DELETING)
    return Retry(f"The service was asked to delete everything, but still shows {', '.join(names[:5])}.")


def _word_kept(models: Sequence[TrainedModel]) -> str:
    if not models:
        return "Models were to be kept. Read back: there are none."
    size = sum(model.size_bytes or 0 for model in models)
    return f"Kept as chosen. Read back: {count(len(models), 'model')}, {size / MEGABYTE:,.0f} MB, which go on costing."
