"""Everything about an account, for tests and curious people."""

from dataclasses import asdict
from typing import Any

from integrations.sandbox.racing.accounts import Account, Profile
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.races import race_status, rank_race


def describe_account(account: Account, moment: Moment) -> dict[str, Any]:
    """Counters in seconds, quotas in minutes; times in seconds since the epoch."""
    return {
        "account_id": account.account_id,
        "region": account.region,
        "kind": account.kind,
        "name": account.name,
        "active": account.active,
        "job_limit": account.job_limit,
        "now": asdict(moment),
        "profiles": [_describe_profile(profile) for profile in account.profiles.values()],
        "jobs": [asdict(job) for job in account.jobs.values()],
        "models": [{**asdict(model), "alias": _alias(account, model.profile_id)} for model in account.models.values()],
        "races": [
            {
                **asdict(race),
                "status": race_status(race, moment=moment),
                "rankings": [asdict(ranking) for ranking in rank_race(race)],
            }
            for race in account.races.values()
        ],
    }


def _describe_profile(profile: Profile) -> dict[str, Any]:
    return {**asdict(profile), "model_ids": list(profile.model_ids)}


def _alias(account: Account, profile_id: str) -> str:
    profile = account.profiles.get(profile_id)
    return profile.alias if profile else ""
