"""Telling the sandbox what an administrator would have set up at Microsoft and AWS."""

from collections.abc import Sequence
from typing import Any

import requests

from events.models import Intake
from participants.demonstration import portal
from participants.demonstration.sign_ins import seed_of_saml
from participants.demonstration.tenants import REGION, Connections, Tenant

TIMEOUT_SECONDS = 30
# How long racers have trained when somebody looks for the first time.
HISTORY_MINUTES = 180


def seed_sandbox(url: str, tenants: dict[Tenant, Connections]) -> None:
    """May run again: the sandbox takes what is new. Raises requests.RequestException when it does not answer."""
    seed = {
        "identity_center": [_identity_center(tenant) for tenant in tenants],
        "entra": [_entra(tenant) for tenant, rows in tenants.items() if rows.directory.is_entra],
        "roles": [role for rows in tenants.values() for role in _roles(rows)],
        "senders": [
            {"account_id": tenant.mail_account, "region": REGION, "email": tenant.sender} for tenant in tenants
        ],
        "pinpoint": [
            {
                "account_id": tenant.mail_account,
                "region": REGION,
                "application_id": tenant.pinpoint_application_id,
            }
            for tenant in tenants
        ],
        "multi_user": [{"account_id": rows.account.account_id} for rows in tenants.values()],
        "deepracer_on_aws": [_deployment(tenant) for tenant, rows in tenants.items() if rows.deployment],
        "saml": seed_of_saml(),
        "tables": [portal.describe_table(tenant) for tenant in tenants if tenant.has_portal],
    }
    requests.post(f"{url}/sandbox/seed", json=seed, timeout=TIMEOUT_SECONDS).raise_for_status()


def let_in(url: str, intake: Intake) -> None:
    """Make the role that the intake reads its table with. Raises requests.RequestException."""
    seed = {"roles": [{"arn": intake.role_arn, "external_id": intake.external_id}]}
    requests.post(f"{url}/sandbox/seed", json=seed, timeout=TIMEOUT_SECONDS).raise_for_status()


def start_racing(url: str, account_id: str, aliases: Sequence[str]) -> None:
    """Let these racers sign in to the account and have trained there for a while; they go on by themselves.

    Whoever came before stays as they are, and where nobody may come, nobody does. Raises requests.RequestException.
    """
    requests.patch(f"{url}/sandbox/knobs", json={"racers_train": True}, timeout=TIMEOUT_SECONDS).raise_for_status()
    report = requests.get(
        f"{url}/sandbox/racing.json", params={"account_id": account_id, "kind": "multi_user"}, timeout=TIMEOUT_SECONDS
    )
    report.raise_for_status()
    known = {profile["alias"] for profile in report.json()["profiles"]}
    if not report.json()["active"] or known.issuperset(aliases):
        return
    racers = [{"alias": alias} for alias in aliases]
    for control, body in (
        ("join", {"account_id": account_id, "kind": "multi_user", "racers": racers}),
        ("advance", {"minutes": HISTORY_MINUTES}),
    ):
        requests.post(f"{url}/sandbox/racing/{control}", json=body, timeout=TIMEOUT_SECONDS).raise_for_status()


def _identity_center(tenant: Tenant) -> dict[str, Any]:
    return _store(tenant) | {"instance_arn": tenant.instance_arn, "portal_path": f"/start/{tenant.slug}"}


def _store(tenant: Tenant) -> dict[str, Any]:
    return {
        "account_id": tenant.identity_account,
        "region": REGION,
        "identity_store_id": tenant.identity_store_id,
    }


def _entra(tenant: Tenant) -> dict[str, Any]:
    return {
        "tenant_id": tenant.make_id(1),
        "client_id": tenant.make_id(2),
        "client_secret": tenant.client_secret,
        "service_principal_id": tenant.make_id(3),
        "job_id": f"awsidentitycenter.{tenant.slug}",
        "domains": [tenant.domain],
        "identity_center": _store(tenant),
    }


def _deployment(tenant: Tenant) -> dict[str, Any]:
    return {
        "account_id": tenant.deployment_account,
        "region": REGION,
        "namespace": tenant.slug,
        "site_path": f"/droa/{tenant.slug}",
        "user_pool_id": f"{REGION}_Racers{tenant.number:03d}",
        "client_id": f"{tenant.number:026d}",
        "identity_pool_id": f"{REGION}:{tenant.make_id(4)}",
        "admin_email": f"paddock@{tenant.domain}",
        "admin_password": tenant.deployment_password,
    }


def _roles(rows: Connections) -> list[dict[str, str]]:
    return [
        {"arn": row.role_arn, "external_id": row.external_id}
        for row in (rows.identity_center, rows.mail, *rows.accounts)
    ]
