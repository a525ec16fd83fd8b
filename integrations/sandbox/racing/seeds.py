"""Seeds of accounts in multi-user mode."""

from collections.abc import Mapping
from typing import Any

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.racing.accounts import Account
from integrations.sandbox.racing.profiles import Roster, put_profile
from integrations.sandbox.racing.progress import bring_forward
from integrations.sandbox.racing.rules import Kind

JOB_LIMIT = 100  # training jobs of all racers together, and as many evaluation jobs
REGION = "us-east-1"  # the service has no other


def put_multi_user(cloud: Cloud, entry: Mapping[str, Any]) -> None:
    """`active` is for a new account only: a seed that is sent again undoes nobody's change of mode."""
    account = multi_user_account(cloud, entry["account_id"])
    if account is None:
        account = put_multi_user_account(cloud, entry["account_id"])
        account.active = bool(entry.get("active", True))
    moment, roster = bring_forward(cloud), Roster(account)
    for racer in entry.get("profiles", []):
        service_id = racer.get("service_id", "")
        if roster.find(service_id or racer["alias"]) is None:
            roster.add(put_profile(account, alias=racer["alias"], moment=moment, service_id=service_id))


def multi_user_account(cloud: Cloud, account_id: str) -> Account | None:
    return cloud.racing.find(Kind.MULTI_USER, account_id, region=REGION)


def put_multi_user_account(cloud: Cloud, account_id: str) -> Account:
    """Every AWS account has the service; until an administrator switches it on, the mode is off."""
    return cloud.racing.put(Account(account_id, REGION, Kind.MULTI_USER, job_limit=JOB_LIMIT, active=False))
