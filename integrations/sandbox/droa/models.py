"""Operations about the caller's own models."""

from typing import Any

from integrations.sandbox.droa.calls import Body, Call, page, timestamp
from integrations.sandbox.droa.deployments import Deployment
from integrations.sandbox.droa.errors import bad_request, not_found
from integrations.sandbox.droa.jobs import shown_job_status, shown_model_status
from integrations.sandbox.droa.tracks import DIRECTIONS
from integrations.sandbox.racing.accounts import Account, Job, JobKind, JobStatus, Model, ModelStatus, Profile
from integrations.sandbox.racing.admission import JobRefused, start_training
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.jobs import active_job, stop_job
from integrations.sandbox.racing.models import drop_model

_SHORTEST_MINUTES = 10
_LONGEST_MINUTES = 1440
_REFUSALS = {
    "minutes": "Total compute minutes for the month exceeded.",
    "models": "Total number of models for the month exceeded.",
}
_STOPPABLE = frozenset({ModelStatus.QUEUED, ModelStatus.TRAINING, ModelStatus.EVALUATING})
_DELETABLE = frozenset({ModelStatus.READY, ModelStatus.ERROR})
_DEFAULT_TRACK = "reInvent2019_wide"


def list_models(call: Call) -> Body:
    models = {model_id: call.account.models[model_id] for model_id in _own(call).model_ids}
    shown, more = page(models, token=call.query.get("token"))
    return {"models": [_describe(call.deployment, model) for model in shown], **more}


def create_model(call: Call) -> Body:
    definition = call.body["modelDefinition"]
    config = definition["trainingConfig"]
    _check(config)
    model = train(
        call.account,
        _own(call),
        name=definition["name"],
        minutes=config["maxTimeInMinutes"],
        moment=call.moment,
    )
    model.definition = definition
    return {"modelId": model.model_id}


def train(account: Account, profile: Profile, *, name: str, minutes: int, moment: Moment) -> Model:
    """As the racer who is signed in. Raises ApiError."""
    profile.signed_in = True
    try:
        return start_training(account, profile, name=name, minutes=minutes, moment=moment)
    except JobRefused as refusal:
        raise bad_request(_REFUSALS[refusal.code]) from refusal


def get_model(call: Call) -> Body:
    return {"model": _describe(call.deployment, _require(call))}


def delete_model(call: Call) -> Body:
    model = _require(call)
    if model.status not in _DELETABLE:
        raise bad_request("This resource cannot be deleted at this time. Try again later.")
    drop_model(call.account, model)
    return {}


def stop_model(call: Call) -> Body:
    """Somebody's own model only. What still waits is cancelled, and its minutes stay queued for good."""
    model = _require(call)
    job = active_job(call.account, model)
    if shown_model_status(call.deployment, model) not in _STOPPABLE or job is None:
        raise bad_request("Model is not in a stoppable state.")
    if job.status is JobStatus.INITIALIZING:
        raise bad_request("Model cannot be stopped during job initialization.")
    call.deployment.stopped_outside.discard(job.job_id)
    stop_job(call.account, job, moment=call.moment)
    return {}


def training_job(account: Account, model: Model) -> Job | None:
    return next((account.jobs[i] for i in model.job_ids if account.jobs[i].kind is JobKind.TRAINING), None)


def _check(config: dict[str, Any]) -> None:
    track = config["trackConfig"]
    if track["trackDirection"] not in DIRECTIONS[track["trackId"]]:
        message = f"Track {track['trackId']} is not available in direction {track['trackDirection']}."
        raise bad_request(f"Invalid track configuration. {message}")
    if not _SHORTEST_MINUTES <= config["maxTimeInMinutes"] <= _LONGEST_MINUTES:
        raise bad_request("Max time in minutes is invalid.")


def _own(call: Call) -> Profile:
    profile = call.account.profiles.get(call.user.username)
    if profile is None:
        raise not_found()
    return profile


def _require(call: Call) -> Model:
    """One of the caller's; others' are not found."""
    model = call.account.models.get(call.path["modelId"])
    if model is None or model.profile_id != call.user.username:
        raise not_found()
    return model


def _describe(deployment: Deployment, model: Model) -> Body:
    job = training_job(deployment.account, model)
    return {
        **_default_definition(job),
        **model.definition,
        "name": model.name,
        "modelId": model.model_id,
        "createdAt": timestamp(model.created_at),
        "fileSizeInBytes": model.size_bytes,
        "status": shown_model_status(deployment, model),
        "trainingStatus": shown_job_status(deployment, job) if job else JobStatus.COMPLETED,
        "trainingMetricsUrl": f"https://models.example/{model.model_id}/metrics.json",
    }


def _default_definition(job: Job | None) -> Body:
    """Of a model that the sandbox's own racers have made."""
    return {
        "carCustomization": {"carColor": "BLUE", "carShell": "DEEPRACER"},
        "trainingConfig": {
            "trackConfig": {"trackId": _DEFAULT_TRACK, "trackDirection": "COUNTER_CLOCKWISE"},
            "maxTimeInMinutes": job.requested_seconds // 60 if job else _SHORTEST_MINUTES,
            "raceType": "TIME_TRIAL",
        },
        "metadata": {
            "agentAlgorithm": "PPO",
            "rewardFunction": "def reward_function(params):\n    return float(params['all_wheels_on_track'])\n",
            "hyperparameters": {},
            "actionSpace": {},
            "sensors": {"camera": "FRONT_FACING_CAMERA"},
        },
    }
