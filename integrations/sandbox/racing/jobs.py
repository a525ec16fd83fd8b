"""Jobs: waiting, running, stopped, ended; and what they cost."""

from integrations.sandbox.racing.accounts import (
    Account,
    Job,
    JobKind,
    JobStatus,
    Model,
    ModelStatus,
    Pool,
    Profile,
)
from integrations.sandbox.racing.clock import Moment

STOPPING_SECONDS = 30  # on the racing clock
INITIALIZING_SECONDS = 30  # the first part of the run, and charged like the rest

_BASE_BYTES = 40_000_000
_BYTES_PER_SECOND = 30_000


class JobNotActive(Exception):
    """There is no waiting or running job to stop."""


def put_job(account: Account, profile: Profile, model: Model, *, kind: JobKind, minutes: int, moment: Moment) -> Job:
    """Waits in line, whatever the racer may do: see `admission`."""
    job = Job(account.new_id(), kind, profile.service_id, model.model_id, minutes * 60, queued_at=moment.racing)
    account.jobs[job.job_id] = job
    model.job_ids.append(job.job_id)
    model.status = ModelStatus.QUEUED
    profile.queued_seconds += job.requested_seconds
    pool = account.pool_of(kind)
    pool.waiting.append(job.job_id)
    _fill(account, pool, moment.racing)
    return job


def active_job(account: Account, model: Model) -> Job | None:
    """The one that waits or runs; a model has one at a time."""
    job = account.jobs[model.job_ids[-1]] if model.job_ids else None
    return job if job is not None and job.is_active else None


def stop_job(account: Account, job: Job, *, moment: Moment) -> None:
    """A waiting job is gone at once, a running one a little later. Raises JobNotActive."""
    if job.status is JobStatus.QUEUED:
        _cancel(account, job)
    elif job.is_active:
        job.ends_at = min(job.ends_at, moment.racing + STOPPING_SECONDS)
        job.status = JobStatus.STOPPING
        _set_model_status(account, job, ModelStatus.STOPPING)
    else:
        raise JobNotActive


def run_jobs(account: Account, *, until: int) -> bool:
    """Let jobs begin and end up to this time on the racing clock. Whether any ended."""
    ended = sum(_run_pool(account, pool, until) for pool in account.pools.values())
    for pool in account.pools.values():
        for job_id in pool.running:
            _follow(account, account.jobs[job_id], until)
    return ended > 0


def _run_pool(account: Account, pool: Pool, until: int) -> int:
    """Job after job in the order of their ends, because each makes room for a waiting one. How many ended."""
    ended = 0
    while pool.running:
        job = min((account.jobs[job_id] for job_id in pool.running), key=lambda running: running.ends_at)
        if job.ends_at > until:
            break
        pool.running.remove(job.job_id)
        _end(account, job)
        _fill(account, pool, job.ends_at)
        ended += 1
    return ended


def _fill(account: Account, pool: Pool, at: int) -> None:
    while pool.waiting and len(pool.running) < pool.limit:
        job = account.jobs[pool.waiting.popleft()]
        job.started_at, job.ends_at = at, at + job.requested_seconds
        job.status = JobStatus.INITIALIZING
        pool.running.add(job.job_id)
        training = job.kind is JobKind.TRAINING
        _set_model_status(account, job, ModelStatus.TRAINING if training else ModelStatus.EVALUATING)


def _follow(account: Account, job: Job, until: int) -> None:
    if job.status is JobStatus.INITIALIZING and until - job.started_at >= INITIALIZING_SECONDS:
        job.status = JobStatus.IN_PROGRESS
    if account.rules.charges_while_running:
        _charge(account, job, until - job.started_at)


def _end(account: Account, job: Job) -> None:
    elapsed = job.ends_at - job.started_at
    _charge(account, job, elapsed)
    _give_back(account, job)
    job.status = JobStatus.COMPLETED
    _set_model_status(account, job, ModelStatus.READY)
    if job.kind is JobKind.TRAINING:
        _store(account, job, _BASE_BYTES + elapsed * _BYTES_PER_SECOND)


def _cancel(account: Account, job: Job) -> None:
    account.pool_of(job.kind).waiting.remove(job.job_id)
    job.status = JobStatus.CANCELED
    if not account.rules.leaks_cancelled_minutes:
        _give_back(account, job)
    model = account.models.get(job.model_id)
    if model is not None:  # without any training it never becomes usable
        model.status = ModelStatus.READY if model.size_bytes else ModelStatus.ERROR


def _charge(account: Account, job: Job, elapsed: int) -> None:
    """Move seconds of the job from queued to used, up to `elapsed` in all."""
    profile = account.profiles.get(job.profile_id)
    if profile is not None:
        profile.used_seconds += elapsed - job.charged_seconds
        profile.queued_seconds -= elapsed - job.charged_seconds
    job.charged_seconds = elapsed


def _give_back(account: Account, job: Job) -> None:
    """What was asked for and never used."""
    profile = account.profiles.get(job.profile_id)
    if profile is not None:
        profile.queued_seconds -= job.requested_seconds - job.charged_seconds


def _store(account: Account, job: Job, size_bytes: int) -> None:
    model, profile = account.models.get(job.model_id), account.profiles.get(job.profile_id)
    if model is not None and profile is not None:
        profile.storage_bytes += size_bytes - model.size_bytes
        model.size_bytes = size_bytes


def _set_model_status(account: Account, job: Job, status: ModelStatus) -> None:
    model = account.models.get(job.model_id)
    if model is not None:
        model.status = status
