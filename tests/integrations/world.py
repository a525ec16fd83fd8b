"""The outside world that these tests seed: one Entra tenant, one Identity Center, roles, senders."""

from typing import Any

from integrations.aws import AwsAccess
from integrations.directories.entra.credentials import EntraConfig, Secret
from integrations.directories.identity_center.config import IdentityCenterConfig
from integrations.directories.protocol import Person

TENANT_ID = "7d1f3ac0-0000-4000-8000-00000000c0de"
CLIENT_ID = "1b0f2a44-0000-4000-8000-0000000000aa"
CLIENT_SECRET = "the-right-secret"
EXPIRED_SECRET = "the-secret-of-last-year"
SERVICE_PRINCIPAL_ID = "5e0f2a44-0000-4000-8000-0000000000bb"
JOB_ID = "aws.7d1f3ac0.job"
ACCOUNT_ID = "222222222222"
REGION = "us-east-1"
INSTANCE_ARN = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
STORE_ID = "d-0123456789"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT_ID}:role/paddock"
EXTERNAL_ID = "paddock-5f0c"
APPLICATION_ID = "f00d0000000000000000000000000001"
SENDER = "Race Control <races@contoso.example>"
LANDING_URL = "https://paddock.example/welcome"

ACCESS = AwsAccess(REGION, ROLE_ARN, EXTERNAL_ID)
ENTRA = EntraConfig(TENANT_ID, CLIENT_ID, Secret(CLIENT_SECRET), SERVICE_PRINCIPAL_ID)
IDENTITY_CENTER = IdentityCenterConfig(ACCESS, INSTANCE_ARN, STORE_ID)


def seed(**entra: Any) -> dict[str, Any]:
    """What to seed; keyword arguments extend the tenant."""
    tenant = {
        "tenant_id": TENANT_ID,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "expired_secrets": [EXPIRED_SECRET],
        "service_principal_id": SERVICE_PRINCIPAL_ID,
        "job_id": JOB_ID,
        "domains": ["contoso.example"],
        "people": [],
        "identity_center": {"account_id": ACCOUNT_ID, "region": REGION, "identity_store_id": STORE_ID},
    }
    return {
        "entra": [tenant | entra],
        "identity_center": [
            {
                "account_id": ACCOUNT_ID,
                "region": REGION,
                "instance_arn": INSTANCE_ARN,
                "identity_store_id": STORE_ID,
                "accounts": [ACCOUNT_ID],
            }
        ],
        "roles": [{"arn": ROLE_ARN, "external_id": EXTERNAL_ID}],
        "senders": [{"account_id": ACCOUNT_ID, "region": REGION, "email": "races@contoso.example"}],
        "pinpoint": [{"account_id": ACCOUNT_ID, "region": REGION, "application_id": APPLICATION_ID}],
        "suppressed": ["bounced@contoso.example"],
    }


def person(email: str, given_name: str = "Ann", family_name: str = "Archer") -> Person:
    return Person(email, given_name, family_name)


def people(count: int, *, domain: str = "contoso.example") -> list[Person]:
    return [person(f"racer{number}@{domain}", "Racer", f"No {number}") for number in range(count)]
