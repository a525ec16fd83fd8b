"""Deleting models."""

from integrations.sandbox.racing.accounts import Account, Model, ModelStatus
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.jobs import active_job

DELETING_RACING_SECONDS = 60
DELETING_REAL_SECONDS = 2.0


class ModelInUse(Exception):
    """The model is being worked on, or deleted already."""


def request_deletion(account: Account, model: Model, *, moment: Moment) -> None:
    """The model is shown as being deleted for a while, and then it is gone. Raises ModelInUse."""
    _require_idle(account, model)
    model.status = ModelStatus.DELETING
    model.deleting_since = moment
    account.deleting[model.model_id] = None


def drop_model(account: Account, model: Model) -> None:
    """At once, whatever it is doing: its job runs on and is charged."""
    _forget(account, model)
    account.deleting.pop(model.model_id, None)


def finish_deletions(account: Account, *, moment: Moment) -> bool:
    """Forget the models whose time has come, by whichever clock is sooner. Whether there were any."""
    over = [model_id for model_id in account.deleting if _is_over(account.models[model_id], moment)]
    for model_id in over:
        _forget(account, account.models[model_id])
        del account.deleting[model_id]
    return bool(over)


def _require_idle(account: Account, model: Model) -> None:
    if model.status is ModelStatus.DELETING or active_job(account, model) is not None:
        raise ModelInUse


def _is_over(model: Model, moment: Moment) -> bool:
    since = model.deleting_since
    assert since is not None
    racing, real = moment.racing - since.racing, moment.real - since.real
    return racing >= DELETING_RACING_SECONDS or real >= DELETING_REAL_SECONDS


def _forget(account: Account, model: Model) -> None:
    del account.models[model.model_id]
    profile = account.profiles.get(model.profile_id)
    if profile is not None:
        del profile.model_ids[model.model_id]
        profile.storage_bytes -= model.size_bytes
