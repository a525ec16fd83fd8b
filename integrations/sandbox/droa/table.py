"""Rows of the deployment's table, by the keys and attribute names of the real one.

One table holds everything. Partition keys are `profile_<id>` (the profile and its models), `model_<id>` (the training
and the evaluations of a model), `leaderboards` and `leaderboard_<id>` (its ranks); an index swaps in the sort key.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from integrations.sandbox.droa.calls import timestamp
from integrations.sandbox.droa.deployments import Deployment
from integrations.sandbox.droa.jobs import job_name, shown_job_status, shown_model_status
from integrations.sandbox.droa.profiles import avatar_of, minutes
from integrations.sandbox.racing.accounts import Job, JobKind, JobStatus, Model, Profile, Race
from integrations.sandbox.racing.races import Ranking, rank_race

Row = dict[str, Any]

SORT_KEY_INDEX = "sk-index"


def rows_near(deployment: Deployment, values: Iterable[str]) -> Iterator[Row]:
    """All rows whose partition key or sort key is one of these values, and perhaps more."""
    account = deployment.account
    for value in values:
        kind, _, key = value.partition("_")
        if kind == "profile" and key in account.profiles:
            yield from _profile_partition(deployment, account.profiles[key])
        elif kind == "model" and key:
            yield from _model_partition(deployment, key)
        elif kind == "leaderboard" and key in account.races:
            yield from _leaderboard_partition(deployment, account.races[key])
        elif value == "profile":
            yield from (_profile_row(deployment, profile) for profile in account.profiles.values())
        elif value == "training":
            yield from (row for row in _job_rows(deployment) if row["sk"] == value)
        elif value == "leaderboards":
            yield from (_leaderboard_row(race) for race in account.races.values())


def all_rows(deployment: Deployment) -> Iterator[Row]:
    account = deployment.account
    for profile in account.profiles.values():
        yield from _profile_partition(deployment, profile)
    yield from _job_rows(deployment)
    for race in account.races.values():
        yield _leaderboard_row(race)
        yield from _leaderboard_partition(deployment, race)


def _profile_partition(deployment: Deployment, profile: Profile) -> Iterator[Row]:
    yield _profile_row(deployment, profile)
    for model_id in profile.model_ids:
        yield _model_row(deployment, deployment.account.models[model_id])


def _model_partition(deployment: Deployment, model_id: str) -> Iterator[Row]:
    model = deployment.account.models.get(model_id)
    for job_id in model.job_ids if model else ():
        yield _job_row(deployment, deployment.account.jobs[job_id])


def _job_rows(deployment: Deployment) -> Iterator[Row]:
    """A job's row goes with its model, though the job may run on."""
    account = deployment.account
    return (_job_row(deployment, job) for job in account.jobs.values() if job.model_id in account.models)


def _leaderboard_partition(deployment: Deployment, race: Race) -> Iterator[Row]:
    for ranking in rank_race(race):
        yield _ranking_row(deployment, race, ranking)


def _profile_row(deployment: Deployment, profile: Profile) -> Row:
    return {
        **_entity("profile"),
        "pk": f"profile_{profile.service_id}",
        "sk": "profile",
        "profileId": profile.service_id,
        "alias": profile.alias,
        "avatar": avatar_of(deployment, profile.service_id),
        "emailAddress": profile.email,
        "computeMinutesUsed": minutes(profile.used_seconds),
        "computeMinutesQueued": minutes(profile.queued_seconds),
        "maxTotalComputeMinutes": profile.max_minutes,
        "maxModelCount": profile.max_models,
        "modelCount": profile.created_models,
        "modelStorageUsage": profile.storage_bytes,
        "totalModelCount": len(profile.model_ids),
        "createdAt": timestamp(profile.joined_at),
    }


def _model_row(deployment: Deployment, model: Model) -> Row:
    return {
        **_entity("model"),
        "pk": f"profile_{model.profile_id}",
        "sk": f"model_{model.model_id}",
        "modelId": model.model_id,
        "profileId": model.profile_id,
        "name": model.name,
        "description": model.definition.get("description", ""),
        "status": shown_model_status(deployment, model),
        "fileSizeInBytes": model.size_bytes,
        "createdAt": timestamp(model.created_at),
    }


def _job_row(deployment: Deployment, job: Job) -> Row:
    """The ARN is there from the beginning of the run."""
    account = deployment.account
    name, training = job_name(job), job.kind is JobKind.TRAINING
    arn = f"arn:aws:sagemaker:{account.region}:{account.account_id}:training-job/{name}"
    began = job.status not in (JobStatus.QUEUED, JobStatus.CANCELED)
    return {
        **_entity(job.kind),
        "pk": f"model_{job.model_id}",
        "sk": "training" if training else f"evaluation_{job.job_id}",
        "modelId": job.model_id,
        "profileId": job.profile_id,
        "name": name,
        "status": shown_job_status(deployment, job),
        "terminationConditions": {"maxTimeInMinutes": minutes(job.requested_seconds)},
        **({} if training else {"evaluationId": job.job_id}),
        **({"sageMakerJobArn": arn, "startTime": timestamp(job.started_at)} if began else {}),
        **({"endTime": timestamp(job.ends_at)} if job.status is JobStatus.COMPLETED else {}),
    }


def _leaderboard_row(race: Race) -> Row:
    """The laps at most and the time limit stay together, the laps at least stand alone."""
    kept = {key: value for key, value in race.definition.items() if key != "description"}
    conditions = race.definition["submissionTerminationConditions"]
    kept["submissionTerminationConditions"] = {"maxLaps": conditions["maximumLaps"]}
    return {
        **_entity("leaderboard"),
        **kept,
        "pk": "leaderboards",
        "sk": f"leaderboard_{race.race_id}",
        "leaderboardId": race.race_id,
        "minimumLaps": conditions["minimumLaps"],
        "openTime": timestamp(race.opens_at),
        "closeTime": timestamp(race.closes_at),
        "participantCount": len(rank_race(race)),
    }


def _ranking_row(deployment: Deployment, race: Race, ranking: Ranking) -> Row:
    """Here, other than in the API, is the profile's id."""
    best = ranking.best
    return {
        **_entity("ranking"),
        "pk": f"leaderboard_{race.race_id}",
        "sk": f"profile_{best.profile_id}#ranking",
        "leaderboardId": race.race_id,
        "profileId": best.profile_id,
        "rankingScore": best.time_milliseconds,
        "submissionNumber": ranking.count,
        "userProfile": {"alias": best.alias, "avatar": avatar_of(deployment, best.profile_id)},
        "createdAt": timestamp(best.submitted_at),
    }


def _entity(name: str) -> Row:
    return {"__edb_e__": name, "__edb_v__": "1"}
