"""Telling the sandbox what an administrator would have set up at Microsoft and AWS."""

from typing import Any

import requests

from participants.demonstration.tenants import REGION, Connections, Tenant

TIMEOUT_SECONDS = 30


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
    }
    requests.post(f"{url}/sandbox/seed", json=seed, timeout=TIMEOUT_SECONDS).raise_for_status()


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


def _roles(rows: Connections) -> list[dict[str, str]]:
    return [
        {"arn": row.role_arn, "external_id": row.external_id} for row in (rows.identity_center, rows.mail, rows.account)
    ]
