"""Which jobs the service takes from a racer."""

from integrations.sandbox.racing.accounts import Account, Job, JobKind, Model, ModelStatus, Profile, ProfileState
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.jobs import put_job


class JobRefused(Exception):
    """The service does not take the job; `code` is one of paused, inactive, minutes, models, name, busy, absent."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def start_training(account: Account, profile: Profile, *, name: str, minutes: int, moment: Moment) -> Model:
    """A new model that is trained for that long, once a place is free. Raises JobRefused."""
    require_admission(account, profile, name=name, minutes=minutes)
    model = Model(account.new_id(), account.next_number(), profile.service_id, name, moment.real, ModelStatus.QUEUED)
    account.models[model.model_id] = model
    profile.model_ids[model.model_id] = None
    profile.created_models += 1
    put_job(account, profile, model, kind=JobKind.TRAINING, minutes=minutes, moment=moment)
    return model


def start_evaluation(account: Account, profile: Profile, model: Model, *, minutes: int, moment: Moment) -> Job:
    """Raises JobRefused."""
    require_permission(account, profile)
    require_minutes(account, profile, minutes)
    if model.status is not ModelStatus.READY:
        raise JobRefused("busy", f"The model {model.name} is not ready.")
    return put_job(account, profile, model, kind=JobKind.EVALUATION, minutes=minutes, moment=moment)


def require_admission(account: Account, profile: Profile, *, name: str, minutes: int) -> None:
    """Raises JobRefused when the profile may not train a model of this name for that long."""
    require_permission(account, profile)
    require_minutes(account, profile, minutes)
    require_model(account, profile, name)


def require_permission(account: Account, profile: Profile) -> None:
    if not account.active:
        raise JobRefused("inactive", "Multi-user mode is off.")
    if profile.state is not ProfileState.ACTIVE:
        raise JobRefused("paused", "The sponsorship is paused.")
    if not profile.signed_in:
        raise JobRefused("absent", "This racer has never signed in.")


def require_minutes(account: Account, profile: Profile, minutes: int) -> None:
    if profile.max_minutes == account.rules.unlimited:
        return
    if profile.max_minutes * 60 < profile.used_seconds + profile.queued_seconds + minutes * 60:
        raise JobRefused("minutes", "Total compute minutes exceeded.")


def require_model(account: Account, profile: Profile, name: str) -> None:
    names = (account.models[model_id].name for model_id in profile.model_ids)
    if account.rules.unique_model_names and name in names:
        raise JobRefused("name", f"There is a model {name} already.")
    count = profile.created_models if account.rules.counts_created_models else len(profile.model_ids)
    if profile.max_models != account.rules.unlimited and profile.max_models < count + 1:
        raise JobRefused("models", "Total number of models exceeded.")
