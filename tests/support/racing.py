"""Sponsoring accounts in the sandbox, and what racers do there by themselves."""

import itertools
from collections.abc import Sequence
from typing import Any

from events.models import SponsoringAccount
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from tests.support.factories import SponsoringAccountFactory
from tests.support.sandbox import Sandbox

REGION = "us-east-1"
ADMIN_PASSWORD = "Sandbox-admin-1"
_numbers = itertools.count(1)


def build_racing_account(
    sandbox: Sandbox, organization: Organization, *, kind: str = "multi_user", **fields: Any
) -> SponsoringAccount:
    """A sponsoring account with a role that the sandbox knows: multi-user mode is on, or the deployment is there."""
    number = next(_numbers)
    account_id = f"{300000000000 + number}"
    details = {"kind": kind, "account_id": account_id, "role_arn": f"arn:aws:iam::{account_id}:role/PaddockRacing"}
    if kind == SponsoringAccount.Kind.MULTI_USER:
        # A page per account, in place of AWS's console.
        details["console_url"] = f"{sandbox.url}/console"
    else:
        details["site_url"] = f"{sandbox.url}/droa/site{number}/"
        details["admin_email"] = f"paddock@site{number}.example"
        details["admin_password"] = ADMIN_PASSWORD
    with organization_scope(organization.pk):
        account: SponsoringAccount = SponsoringAccountFactory(**{**details, **fields})
    _seed(sandbox, account, number)
    return account


def _seed(sandbox: Sandbox, account: SponsoringAccount, number: int) -> None:
    role = {"arn": account.role_arn, "external_id": account.external_id}
    roles = [role] if account.role_arn else []
    if account.is_multi_user:
        sandbox.seed(roles=roles, multi_user=[{"account_id": account.account_id}])
        return
    deployment = {
        "account_id": account.account_id,
        "region": REGION,
        "namespace": f"site{number}",
        "site_path": f"/droa/site{number}",
        "user_pool_id": f"{REGION}_Site{number:05d}",
        "client_id": f"{number:026x}",
        "identity_pool_id": f"{REGION}:00000000-0000-4000-b000-{number:012d}",
        "admin_email": account.admin_email,
        "admin_password": account.admin_password,
    }
    sandbox.seed(roles=roles, deepracer_on_aws=[deployment])


def join(sandbox: Sandbox, account: SponsoringAccount, *aliases: str, **emails: str) -> dict[str, str]:
    """Racers sign in for the first time. Returns their service ids by alias.

    With DeepRacer on AWS somebody must have made their profiles before, and they are named by `alias=email`.
    """
    racers = [{"alias": alias} for alias in aliases]
    racers += [{"alias": alias, "email": email} for alias, email in emails.items()]
    joined = sandbox.race("join", account_id=account.account_id, racers=racers)
    return {profile["alias"]: profile["service_id"] for profile in joined["profiles"]}


def train(
    sandbox: Sandbox, account: SponsoringAccount, *racers: str, minutes: int = 60, **more: Any
) -> dict[str, dict[str, Any]]:
    """Racers, by alias or service id, start a job each; quota, pause and limits apply.

    Returns `accepted`, `model_id` and `why` for each. `model` names the model.
    """
    outcomes: dict[str, dict[str, Any]] = sandbox.race(
        "train", account_id=account.account_id, racers=list(racers), minutes=minutes, **more
    )
    return outcomes


def advance(sandbox: Sandbox, minutes: int) -> None:
    """Move the racing clock: jobs start, run and end."""
    sandbox.race("advance", minutes=minutes)


def begin_month(sandbox: Sandbox) -> None:
    """The monthly reset of every deployment of DeepRacer on AWS."""
    sandbox.race("month")


def submit(
    sandbox: Sandbox, account: SponsoringAccount, race: str, results: Sequence[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Results of a race, by its service id: {"alias", "time_ms"} each."""
    outcomes: dict[str, dict[str, Any]] = sandbox.race(
        "submit", account_id=account.account_id, race=race, results=list(results)
    )
    return outcomes


def look(sandbox: Sandbox, account: SponsoringAccount) -> dict[str, Any]:
    """The account as the service has it: `profiles`, `jobs`, `models`, `races`."""
    return sandbox.racing(account.account_id)


def find_profile(sandbox: Sandbox, account: SponsoringAccount, alias: str) -> dict[str, Any]:
    """The raw profile of that alias: counters in seconds, quotas in minutes."""
    return next(profile for profile in look(sandbox, account)["profiles"] if profile["alias"] == alias)
