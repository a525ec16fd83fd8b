"""Stopping a racer's jobs in SageMaker; the deployment notices, finishes them and charges what they ran."""

from botocore.exceptions import ClientError

from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws import table
from integrations.racing.deepracer_on_aws.account import AccountClient
from integrations.racing.deepracer_on_aws.table import Job

# The deployment looks into its queue about this often.
QUEUE_SECONDS = 60.0


def stop_jobs(client: AccountClient, profile_id: str) -> int:
    """How many were asked to stop. Raises IntegrationError, after those, for jobs that nobody can stop as yet."""
    jobs = table.list_open_jobs(client, profile_id)
    stopped = [_stop(client, job) for job in jobs]
    if waiting := stopped.count(False):
        raise _waiting(waiting)
    return len(stopped)


def _stop(client: AccountClient, job: Job) -> bool:
    """False when the job waits in the deployment's own queue. One that has ended meanwhile is success."""
    try:
        with client.jobs() as sagemaker:
            sagemaker.stop_training_job(TrainingJobName=job.name)
    except IntegrationError as error:
        if _is_unknown(error):
            return not job.is_queued
        if error.code != "ValidationException" or "is in status" not in error.message:
            raise
    return True


def _is_unknown(error: IntegrationError) -> bool:
    if error.code == "ResourceNotFound":
        return True
    cause = error.__cause__
    message = cause.response["Error"].get("Message", "") if isinstance(cause, ClientError) else ""
    return error.code == "ValidationException" and "not found" in message


def _waiting(count: int) -> IntegrationError:
    jobs = "One job waits" if count == 1 else f"{count} jobs wait"
    return IntegrationError(
        f"{jobs} in the deployment's queue, where nothing can be stopped. Paddock stops what has started, and tries "
        "again when more has.",
        retry_after=QUEUE_SECONDS,
        code="Queued",
    )
