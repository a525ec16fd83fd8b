"""SageMaker's training jobs, which are the racing jobs of the deployments in an account."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.sagemaker import urls
from moto.sagemaker.responses import SageMakerResponse

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.jobs import TrainingJob, training_jobs
from integrations.sandbox.racing.jobs import stop_job
from integrations.sandbox.racing.progress import bring_forward

DEFAULT_RESULTS = 10
MAX_RESULTS = 100
INSTANCE_TYPE = "ml.c7i.4xlarge"

_SORT_KEYS: dict[str, Callable[[TrainingJob], Any]] = {
    "Name": lambda job: job.name,
    "CreationTime": lambda job: (job.job.started_at, job.name),
    "Status": lambda job: (job.status, job.name),
}


class SandboxTrainingJobs(SageMakerResponse):
    """One method per operation, found by moto through its name."""

    cloud: ClassVar[Cloud]

    def list_training_jobs(self) -> ActionResult:
        """By name, status and time of creation; ten at a time unless more are asked for."""
        size = self._get_int_param("MaxResults") or DEFAULT_RESULTS
        if not 1 <= size <= MAX_RESULTS:
            raise _invalid(f"Member must have value less than or equal to {MAX_RESULTS}")
        jobs = sorted(self._wanted(), key=_SORT_KEYS[self._get_param("SortBy", "CreationTime")])
        if self._get_param("SortOrder", "Descending") == "Descending":
            jobs.reverse()
        start = self._start(jobs)
        shown = jobs[start : start + size]
        more = {"NextToken": shown[-1].name} if start + size < len(jobs) else {}
        return ActionResult({"TrainingJobSummaries": [self._summary(job) for job in shown], **more})

    def describe_training_job(self) -> ActionResult:
        job = self._require()
        spent = {"TrainingTimeInSeconds": job.seconds, "BillableTimeInSeconds": job.seconds} if job.is_over else {}
        described = {
            **self._summary(job),
            "SecondaryStatus": {"InProgress": "Training"}.get(job.status, job.status),
            "StoppingCondition": {"MaxRuntimeInSeconds": job.job.requested_seconds},
            "ResourceConfig": {"InstanceType": INSTANCE_TYPE, "InstanceCount": 1, "VolumeSizeInGB": 30},
            "ModelArtifacts": {"S3ModelArtifacts": f"s3://models/{job.job.model_id}/output/model.tar.gz"},
            **spent,
        }
        return ActionResult(described)

    def stop_training_job(self) -> ActionResult:
        """Asked again while it is stopping, or over, it is refused."""
        job = self._require()
        if job.status != "InProgress":
            raise _invalid(f"The request was rejected because the training job is in status {job.status}.")
        stop_job(job.deployment.account, job.job, moment=bring_forward(self.cloud))
        job.deployment.stopped_outside.add(job.job.job_id)
        return ActionResult({})

    def _jobs(self) -> list[TrainingJob]:
        if self.get_access_key() in self.cloud.cognito.sessions:
            raise JsonRESTError("AccessDeniedException", "This identity is not authorized to call SageMaker.")
        bring_forward(self.cloud)
        return list(training_jobs(self.cloud.droa, self.current_account, self.region))

    def _require(self) -> TrainingJob:
        name = self._get_param("TrainingJobName")
        found = next((job for job in self._jobs() if job.name == name), None)
        if found is None:
            raise _invalid("Requested resource not found.")
        return found

    def _wanted(self) -> list[TrainingJob]:
        part, status = self._get_param("NameContains", ""), self._get_param("StatusEquals")
        after, before = self._get_param("CreationTimeAfter"), self._get_param("CreationTimeBefore")
        return [
            job
            for job in self._jobs()
            if part.lower() in job.name.lower()
            and status in (None, job.status)
            and (after is None or job.job.started_at >= _seconds(after))
            and (before is None or job.job.started_at <= _seconds(before))
        ]

    def _start(self, jobs: list[TrainingJob]) -> int:
        token = self._get_param("NextToken")
        names = [job.name for job in jobs]
        return names.index(token) + 1 if token in names else 0

    def _summary(self, job: TrainingJob) -> dict[str, Any]:
        began, ends = _time(job.job.started_at), _time(job.job.ends_at)
        times = {"CreationTime": began, "LastModifiedTime": ends if job.is_over else began}
        return {
            "TrainingJobName": job.name,
            "TrainingJobArn": f"arn:aws:sagemaker:{self.region}:{self.current_account}:training-job/{job.name}",
            "TrainingJobStatus": job.status,
            **times,
            **({"TrainingEndTime": ends} if job.is_over else {}),
        }


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first SageMaker request."""
    SandboxTrainingJobs.cloud = cloud
    for path in urls.url_paths:
        urls.url_paths[path] = SandboxTrainingJobs.dispatch


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("ValidationException", message)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(value: Any) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value)
