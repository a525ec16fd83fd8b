"""Racers who train by themselves, so that usage moves in a demonstration."""

import random

from integrations.sandbox.racing.accounts import Account, JobKind, Profile
from integrations.sandbox.racing.admission import JobRefused, start_training
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.jobs import active_job

ROUND_SECONDS = 300  # on the racing clock

_SHARE_PER_ROUND = 1 / 6  # of the idle racers: half an hour between two trainings
_MINUTES = range(20, 61)


def train_racers(account: Account, *, moment: Moment) -> bool:
    """One round: some idle racers begin a training, as long as places are free. Whether anybody did.

    The draw depends on the account and the time alone, so the same history can be made again.
    """
    draw = random.Random(f"{account.account_id}/{moment.racing}")
    pool = account.pool_of(JobKind.TRAINING)
    trained = False
    for service_id in draw.sample(list(account.profiles), round(len(account.profiles) * _SHARE_PER_ROUND + 0.5)):
        if len(pool.running) >= pool.limit:
            break
        trained |= _train(account, account.profiles[service_id], draw.choice(_MINUTES), moment)
    return trained


def _train(account: Account, profile: Profile, minutes: int, moment: Moment) -> bool:
    if any(active_job(account, account.models[model_id]) for model_id in profile.model_ids):
        return False
    try:
        start_training(account, profile, name=f"training-{moment.racing}", minutes=minutes, moment=moment)
    except JobRefused:
        return False
    return True
