"""Jobs under the names that they have in SageMaker and in the deployment's table."""

from collections.abc import Iterator
from dataclasses import dataclass

from integrations.sandbox.droa.deployments import Deployment, Deployments
from integrations.sandbox.racing.accounts import Job, JobKind, JobStatus, Model, ModelStatus
from integrations.sandbox.racing.jobs import active_job

_NAME_PREFIX = "deepracerindy"
# Of jobs that SageMaker knows: what still waits is in the deployment's own queue alone.
_STATUSES = {
    JobStatus.INITIALIZING: "InProgress",
    JobStatus.IN_PROGRESS: "InProgress",
    JobStatus.STOPPING: "Stopping",
    JobStatus.COMPLETED: "Completed",
}


@dataclass(frozen=True)
class TrainingJob:
    """A job as SageMaker knows it."""

    deployment: Deployment
    job: Job

    @property
    def name(self) -> str:
        return job_name(self.job)

    @property
    def status(self) -> str:
        stopped = self.job.status is JobStatus.COMPLETED and self.seconds < self.job.requested_seconds
        return "Stopped" if stopped else _STATUSES[self.job.status]

    @property
    def is_over(self) -> bool:
        return self.status in ("Completed", "Stopped")

    @property
    def seconds(self) -> int:
        """How long it ran, or will have run."""
        return self.job.ends_at - self.job.started_at


def job_name(job: Job) -> str:
    """A training has its model's id; only evaluations have ids of their own."""
    return f"{_NAME_PREFIX}-{job.kind}-{job.model_id if job.kind is JobKind.TRAINING else job.job_id}"


def shown_job_status(deployment: Deployment, job: Job) -> JobStatus:
    """The deployment learns of a stop that did not go through it when the job has ended."""
    return JobStatus.IN_PROGRESS if _stops_unseen(deployment, job) else job.status


def shown_model_status(deployment: Deployment, model: Model) -> ModelStatus:
    job = active_job(deployment.account, model)
    if job is None or not _stops_unseen(deployment, job):
        return model.status
    return ModelStatus.TRAINING if job.kind is JobKind.TRAINING else ModelStatus.EVALUATING


def _stops_unseen(deployment: Deployment, job: Job) -> bool:
    return job.status is JobStatus.STOPPING and job.job_id in deployment.stopped_outside


def training_jobs(deployments: Deployments, account_id: str, region: str) -> Iterator[TrainingJob]:
    """All that SageMaker in this account and region knows, in the order of their beginnings."""
    for deployment in deployments.of_account(account_id, region):
        for job in deployment.account.jobs.values():
            if job.status in _STATUSES:
                yield TrainingJob(deployment, job)
