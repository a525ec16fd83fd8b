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
        number=account.next_number(),
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


def next_model_name(profile: Profile) -> str:
    """For racers who give none."""
    return f"{profile.alias[:50]}-{profile.created_models + 1}"


class Roster:
    """Finds many profiles of one account: by service id, else by alias in any case, of equal ones the first."""

    def __init__(self, account: Account) -> None:
        self._profiles = account.profiles
        self._by_alias: dict[str, Profile] = {}
        for profile in account.profiles.values():
            self._by_alias.setdefault(profile.alias.lower(), profile)

    def find(self, racer: str) -> Profile | None:
        return self._profiles.get(racer) or self._by_alias.get(racer.lower())

    def add(self, profile: Profile) -> None:
        self._by_alias.setdefault(profile.alias.lower(), profile)


def reset_month(account: Account) -> None:
    """What DeepRacer on AWS does on the first of a month: used minutes and created models; queued ones stay."""
    for profile in account.profiles.values():
        profile.used_seconds = 0
        profile.created_models = 0
