"""Brings racing up to the present. Nothing runs in between: whoever looks lets the time pass first."""

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.racing.accounts import Account
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.jobs import run_jobs
from integrations.sandbox.racing.models import finish_deletions
from integrations.sandbox.racing.racers import ROUND_SECONDS, train_racers


def bring_forward(cloud: Cloud) -> Moment:
    """To be called before anything of racing is read or changed. The present, on both clocks."""
    moment = cloud.racing.clock.tick(real=cloud.now(), speed=cloud.knobs.racing_speed)
    for account in cloud.racing.accounts.values():
        if _bring_forward(account, moment, racers_train=cloud.knobs.racers_train):
            cloud.changed.set()
    return moment


def _bring_forward(account: Account, moment: Moment, *, racers_train: bool) -> bool:
    happened = False
    if racers_train and account.active:
        first = (account.settled_at or moment.racing) // ROUND_SECONDS + 1
        for number in range(first, moment.racing // ROUND_SECONDS + 1):
            at = Moment(number * ROUND_SECONDS, moment.real)
            happened |= run_jobs(account, until=at.racing)
            happened |= train_racers(account, moment=at)
    happened |= run_jobs(account, until=moment.racing)
    happened |= finish_deletions(account, moment=moment)
    account.settled_at = moment.racing
    return happened
