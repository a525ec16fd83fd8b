"""What a racer sees of their own, and does, in the stand-in for the console."""

import re
from dataclasses import dataclass

from integrations.sandbox.racing.accounts import Account, Model, ModelStatus, Profile, ProfileState
from integrations.sandbox.racing.admission import JobRefused, require_admission, start_training
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.entries import Entry, list_entries
from integrations.sandbox.racing.joining import JoiningRefused, check_alias, join
from integrations.sandbox.racing.profiles import Roster, next_model_name

TRAINING_MINUTES = 30

_STATES = {
    ProfileState.ACTIVE: "Active",
    ProfileState.RESTRICTED: "Paused",
    ProfileState.DISABLED: "Ended",
}
_REFUSALS = {
    "minutes": f"You have less than {TRAINING_MINUTES} minutes left. Ask your event's organizer for more.",
    "models": "You have as many models as you may. Ask your event's organizer for more.",
    "paused": "Your sponsorship is paused, so no training can begin.",
}
_STATUSES = {
    ModelStatus.QUEUED: "Waiting for a place",
    ModelStatus.TRAINING: "Training",
    ModelStatus.EVALUATING: "Evaluating",
    ModelStatus.STOPPING: "Stopping",
    ModelStatus.READY: "Ready",
    ModelStatus.ERROR: "Stopped before it began",
    ModelStatus.DELETING: "Being deleted",
}


@dataclass(frozen=True)
class ModelRow:
    name: str
    status: str
    megabytes: int


@dataclass(frozen=True)
class RacerView:
    alias: str
    sponsorship: str
    minutes_used: int
    minutes_queued: int
    minutes_quota: int
    models: list[ModelRow]
    models_quota: int
    why_not: str  # a training cannot be started; empty when it can


@dataclass(frozen=True)
class Cockpit:
    """`racer` is None for somebody who has no profile yet."""

    active: bool
    racer: RacerView | None
    proposed_alias: str
    races: list[Entry]
    training_minutes: int = TRAINING_MINUTES


def look_at(account: Account, email: str, *, race_token: str, moment: Moment) -> Cockpit:
    """`race_token` is of an invitation that the person has followed, or empty."""
    profile = find_by_email(account, email)
    races = list_entries(account, profile, token=race_token, moment=moment) if profile else []
    proposed = re.sub(r"[^a-zA-Z0-9]+", "-", email.partition("@")[0]).strip("-")
    return Cockpit(account.active, _describe(account, profile) if profile else None, proposed, races)


def claim_alias(account: Account, alias: str, email: str, *, moment: Moment) -> None:
    """A profile of this name, unless it is somebody else's. Raises JoiningRefused."""
    check_alias(alias)
    known = Roster(account).find(alias)
    if find_by_email(account, email) is not None or (known is not None and known.email):
        raise JoiningRefused(f"The racer name {alias} is taken. Choose another one.")
    [profile] = join(account, [{"alias": alias, "email": email}], moment=moment)
    profile.email = email


def begin_training(account: Account, email: str, *, moment: Moment) -> None:
    """Raises JobRefused, JoiningRefused."""
    profile = require_profile(account, email)
    start_training(account, profile, name=next_model_name(profile), minutes=TRAINING_MINUTES, moment=moment)


def require_profile(account: Account, email: str) -> Profile:
    profile = find_by_email(account, email)
    if profile is None:
        raise JoiningRefused("Create your racer profile first.")
    return profile


def find_by_email(account: Account, email: str) -> Profile | None:
    wanted = email.lower()
    return next((profile for profile in account.profiles.values() if profile.email.lower() == wanted), None)


def _describe(account: Account, profile: Profile) -> RacerView:
    models = [account.models[model_id] for model_id in reversed(profile.model_ids)]
    return RacerView(
        alias=profile.alias,
        sponsorship=_STATES[profile.state],
        minutes_used=profile.used_seconds // 60,
        minutes_queued=-(-profile.queued_seconds // 60),
        minutes_quota=profile.max_minutes,
        models=[_describe_model(model) for model in models],
        models_quota=profile.max_models,
        why_not=_why_not(account, profile),
    )


def _describe_model(model: Model) -> ModelRow:
    return ModelRow(model.name, _STATUSES[model.status], round(model.size_bytes / 1_000_000))


def _why_not(account: Account, profile: Profile) -> str:
    try:
        require_admission(account, profile, name="", minutes=TRAINING_MINUTES)
    except JobRefused as refusal:
        return _REFUSALS.get(refusal.code, str(refusal))
    return ""
