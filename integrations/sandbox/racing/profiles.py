"""Racers' profiles."""

from integrations.sandbox.racing.accounts import Account, Profile
from integrations.sandbox.racing.clock import Moment


def put_profile(
    account: Account, *, alias: str, moment: Moment, service_id: str = "", email: str = "", signed_in: bool = True
) -> Profile:
    """A new profile with the account's default quotas, under this id or a new one."""
    service_id = service_id or account.new_id()
    profile = Profile(
        service_id=service_id,
        alias=alias,
        joined_at=moment.real,
        max_minutes=account.default_minutes,
        max_models=account.default_models,
        email=email,
        signed_in=signed_in,
    )
    account.profiles[service_id] = profile
    return profile


def drop_profile(account: Account, service_id: str) -> None:
    """The profile and its models, at once. Its jobs run on unseen, and their minutes are charged to nobody."""
    profile = account.profiles.pop(service_id)
    for model_id in profile.model_ids:
        del account.models[model_id]
        account.deleting.pop(model_id, None)


def find_profile(account: Account, racer: str) -> Profile | None:
    """By service id or else by alias, in any case."""
    if racer in account.profiles:
        return account.profiles[racer]
    wanted = racer.lower()
    return next((profile for profile in account.profiles.values() if profile.alias.lower() == wanted), None)


def reset_month(account: Account) -> None:
    """What DeepRacer on AWS does on the first of a month: used minutes and created models; queued ones stay."""
    for profile in account.profiles.values():
        profile.used_seconds = 0
        profile.created_models = 0
