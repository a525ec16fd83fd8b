"""Training and evaluation jobs. Their times are the racing clock's."""

from integrations.sandbox.aws.deepracer.errors import missing, not_active
from integrations.sandbox.aws.deepracer.members import (
    EVALUATION_JOB_ARN,
    MODEL_ARN,
    PAGING,
    SORT_BY,
    SORT_ORDER,
    TRAINING_JOB_ARN,
)
from integrations.sandbox.aws.deepracer.models import model_arn, model_of
from integrations.sandbox.aws.deepracer.operation import Body, Caller, Operation, milliseconds
from integrations.sandbox.aws.deepracer.paging import page
from integrations.sandbox.aws.deepracer.shapes import Structure, Text
from integrations.sandbox.aws.deepracer.tracks import DEFAULT_TRACK
from integrations.sandbox.racing.accounts import Account, Job, JobKind, JobStatus
from integrations.sandbox.racing.jobs import JobNotActive, active_job, stop_job

_STATUSES = {
    JobStatus.QUEUED: "CREATED",
    JobStatus.INITIALIZING: "INITIALIZING",
    JobStatus.IN_PROGRESS: "IN_PROGRESS",
    JobStatus.STOPPING: "STOPPING",
    JobStatus.COMPLETED: "COMPLETED",
    JobStatus.CANCELED: "FAILED",
}


def list_training_jobs(caller: Caller, request: Body) -> Body:
    jobs = _jobs_of_model(caller, request["ModelArn"], JobKind.TRAINING)
    shown, more = page(list(enumerate(jobs)), request)
    return {"TrainingJobs": [_describe_training(caller, job) for job in shown], **more}


def get_training_job(caller: Caller, request: Body) -> Body:
    return {"TrainingJob": _describe_training(caller, _job_of(caller.account, request["TrainingJobArn"]))}


def stop_training(caller: Caller, request: Body) -> Body:
    arn = request["ModelArn"]
    job = active_job(caller.account, model_of(caller.account, arn))
    if job is None or job.kind is not JobKind.TRAINING:
        raise not_active(arn)
    stop_job(caller.account, job, moment=caller.moment)
    return {}


def list_evaluations(caller: Caller, request: Body) -> Body:
    wanted = request.get("StatusEquals")
    jobs = _jobs_of_model(caller, request["ModelArn"], JobKind.EVALUATION)
    jobs = jobs[::-1] if request.get("SortOrder") == "DESCENDING" else jobs
    kept = [job for job in jobs if wanted in (None, _STATUSES[job.status])]
    shown, more = page(list(enumerate(kept)), request)
    return {"EvaluationJobs": [_describe_evaluation(caller, job) for job in shown], **more}


def stop_evaluation(caller: Caller, request: Body) -> Body:
    arn = request["EvaluationJobArn"]
    try:
        stop_job(caller.account, _job_of(caller.account, arn), moment=caller.moment)
    except JobNotActive:
        raise not_active(arn) from None
    return {}


def _jobs_of_model(caller: Caller, arn: str, kind: JobKind) -> list[Job]:
    account = caller.account
    jobs = [account.jobs[job_id] for job_id in model_of(account, arn).job_ids]
    return [job for job in jobs if job.kind is kind]


def _job_of(account: Account, arn: str) -> Job:
    job = account.jobs.get(arn.rpartition("/")[2])
    if job is None or _job_arn(account, job) != arn:
        raise missing(arn)
    return job


def _job_arn(account: Account, job: Job) -> str:
    return f"arn:aws:deepracer:{account.region}:{account.account_id}:{job.kind}_job/{job.job_id}"


def _describe_training(caller: Caller, job: Job) -> Body:
    return {
        "JobArn": _job_arn(caller.account, job),
        "ActivityJob": _describe_activity(caller, job),
        "Config": {
            "ResourceConfig": {"InstanceType": "ml.c4.2xlarge", "InstanceCount": 1},
            "TrackConfig": {"TrackArn": DEFAULT_TRACK},
            "TerminationConditions": {"MaxTimeInMinutes": job.requested_seconds // 60},
        },
        "Metrics": {},
    }


def _describe_evaluation(caller: Caller, job: Job) -> Body:
    return {
        "JobArn": _job_arn(caller.account, job),
        "ActivityJob": _describe_activity(caller, job),
        "Config": {
            "TrackArn": DEFAULT_TRACK,
            "TerminationConditions": {"MaxTimeInMinutes": job.requested_seconds // 60},
        },
        "Metrics": [],
    }


def _describe_activity(caller: Caller, job: Job) -> Body:
    minutes = job.charged_seconds // 60
    activity = {
        "ModelArn": model_arn(caller.account, job.model_id),
        "CreationTime": milliseconds(job.queued_at),
        "StartTime": milliseconds(job.started_at or job.queued_at),
        "Status": {"JobStatus": _STATUSES[job.status], "TimeInMinutes": minutes, "Units": minutes},
    }
    if job.status is JobStatus.COMPLETED:
        activity["EndTime"] = milliseconds(job.ends_at)
    if job.status is JobStatus.CANCELED:
        activity["FailureReason"] = "Stopped before it began."
    return activity


OPERATIONS = {
    "ListTrainingJobs": Operation(Structure({"ModelArn": MODEL_ARN}, PAGING), list_training_jobs),
    "GetTrainingJob": Operation(Structure({"TrainingJobArn": TRAINING_JOB_ARN}), get_training_job),
    "StopTrainingReinforcementLearningModel": Operation(Structure({"ModelArn": MODEL_ARN}), stop_training),
    "ListEvaluations": Operation(
        Structure(
            {"ModelArn": MODEL_ARN},
            {
                **PAGING,
                "SortBy": SORT_BY,
                "SortOrder": SORT_ORDER,
                "StatusEquals": Text(choices=tuple(dict.fromkeys(_STATUSES.values()))),
            },
        ),
        list_evaluations,
    ),
    "StopEvaluation": Operation(Structure({"EvaluationJobArn": EVALUATION_JOB_ARN}), stop_evaluation),
}
