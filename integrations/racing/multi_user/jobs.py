"""Ending what racers have running: training is stopped by model, evaluation by job."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from integrations.errors import IntegrationError
from integrations.racing.multi_user.client import Answer, MultiUserClient
from integrations.racing.multi_user.outcomes import serve
from integrations.racing.multi_user.refusals import GONE, NOT_ACTIVE
from integrations.racing.multi_user.trained_models import read_resources

# From here on, reading everybody's models takes fewer calls than reading those of each.
MANY_RACERS = 20

# A model that is CREATED waits for its first training.
_MAY_TRAIN = {"CREATED", "TRAINING"}
_ACTIVE_JOBS = {"CREATED", "INITIALIZING", "IN_PROGRESS"}


def stop_jobs(client: MultiUserClient, user_ids: Sequence[str]) -> dict[str, int | IntegrationError]:
    """The number of jobs that were asked to stop. One that ended by itself meanwhile does not count."""
    if len(set(user_ids)) <= MANY_RACERS:
        return serve(user_ids, lambda user_id: _stop_all(client, _read_models(client, user_id)))
    try:
        models = _read_models_of_everybody(client)
    except IntegrationError as error:
        return dict.fromkeys(user_ids, error)
    return serve(user_ids, lambda user_id: _stop_all(client, models[user_id]))


def _read_models(client: MultiUserClient, user_id: str) -> list[Answer]:
    try:
        return [model for page in read_resources(client, UserId=user_id) for _, model in page]
    except IntegrationError as error:
        if error.code == GONE:
            return []
        raise


def _read_models_of_everybody(client: MultiUserClient) -> dict[str, list[Answer]]:
    models: dict[str, list[Answer]] = defaultdict(list)
    for page in read_resources(client):
        for user_id, model in page:
            models[user_id].append(model)
    return models


def _stop_all(client: MultiUserClient, models: Sequence[Answer]) -> int:
    return sum(_stop(client, model["ModelArn"], model["Status"]) for model in models)


def _stop(client: MultiUserClient, arn: str, status: str) -> int:
    if status in _MAY_TRAIN and _ask(client, "stop_training_reinforcement_learning_model", ModelArn=arn):
        return 1
    # What seemed to train, and does not, may wait for an evaluation or have gone on to one.
    return _stop_evaluations(client, arn) if status in _MAY_TRAIN | {"EVALUATING"} else 0


def _stop_evaluations(client: MultiUserClient, model_arn: str) -> int:
    # All of them are read first: stopping changes the list.
    jobs = list(_active_evaluations(client, model_arn))
    return sum(_ask(client, "stop_evaluation", EvaluationJobArn=job) for job in jobs)


def _active_evaluations(client: MultiUserClient, model_arn: str) -> Iterator[str]:
    for page in client.pages("list_evaluations", "EvaluationJobs", ModelArn=model_arn):
        for job in page:
            if job["ActivityJob"]["Status"]["JobStatus"] in _ACTIVE_JOBS:
                yield job["JobArn"]


def _ask(client: MultiUserClient, operation: str, **job: str) -> int:
    """1 when it was asked to stop, 0 when there was nothing left to stop."""
    try:
        client.call(operation, **job)
    except IntegrationError as error:
        if error.code in {NOT_ACTIVE, GONE}:
            return 0
        raise
    return 1
