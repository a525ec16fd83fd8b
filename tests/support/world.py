"""Organizations wired to the sandbox: what an organizer enters on our side, what an administrator does on theirs."""

import itertools
from typing import Any

from events.domain.lookup import load_event
from events.models import DirectoryConnection, Event, MailConnection, SponsoringAccount
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from participants.domain.applicants import Applicant
from participants.domain.registration import register
from participants.models import Registration
from tests.support.factories import (
    DirectoryConnectionFactory,
    EventFactory,
    IdentityCenterConnectionFactory,
    MailConnectionFactory,
    OrganizationFactory,
    SponsoringAccountFactory,
)
from tests.support.sandbox import Sandbox

REGION = "us-east-1"
_numbers = itertools.count(1)


def build_organization(sandbox: Sandbox, *, directory: str = "entra", mail: str = "pinpoint") -> Organization:
    """An organization with a directory, an Identity Center and mail, known to the sandbox."""
    number = next(_numbers)
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        center = IdentityCenterConnectionFactory(
            role_arn=f"arn:aws:iam::{900000000000 + number}:role/PaddockIdentityCenter",
            instance_arn=f"arn:aws:sso:::instance/ssoins-{number:016x}",
            identity_store_id=f"d-{number:010x}",
            portal_url=f"{sandbox.url}/start/org{number}",
        )
        connection = DirectoryConnectionFactory(
            kind=directory,
            identity_center=center,
            entra_tenant_id=f"00000000-0000-4000-8000-{number:012d}",
            client_id=f"00000000-0000-4000-9000-{number:012d}",
            service_principal_id=f"00000000-0000-4000-a000-{number:012d}",
        )
        mailer = MailConnectionFactory(
            kind=mail,
            role_arn=f"arn:aws:iam::{700000000000 + number}:role/PaddockMail",
            pinpoint_application_id=f"{number:032x}",
            sender=f"Racing League <racing@org{number}.example>",
            smtp_host="127.0.0.1",
            smtp_port=sandbox.smtp_port,
            smtp_use_tls=False,
        )
    seed_sandbox(sandbox, connection, mailer, domain=f"org{number}.example")
    return organization


def seed_sandbox(sandbox: Sandbox, directory: DirectoryConnection, mail: MailConnection, *, domain: str) -> None:
    center = directory.identity_center
    account_id, mail_account = center.role_arn.split(":")[4], mail.role_arn.split(":")[4]
    store = {"account_id": account_id, "region": REGION, "identity_store_id": center.identity_store_id}
    tenant = {
        "tenant_id": directory.entra_tenant_id,
        "client_id": directory.client_id,
        "client_secret": directory.credential,
        "service_principal_id": directory.service_principal_id,
        "job_id": f"job.{directory.entra_tenant_id}",
        "domains": [domain],
        "identity_center": store,
    }
    portal_path = "/start/" + center.portal_url.rpartition("/")[2]
    sandbox.seed(
        identity_center=[{**store, "instance_arn": center.instance_arn, "portal_path": portal_path}],
        entra=[tenant] if directory.is_entra else [],
        roles=[{"arn": row.role_arn, "external_id": row.external_id} for row in (center, mail)],
        senders=[{"account_id": mail_account, "region": REGION, "email": f"racing@{domain}"}],
        pinpoint=[{"account_id": mail_account, "region": REGION, "application_id": mail.pinpoint_application_id}],
    )


def build_event(organization: Organization, **fields: Any) -> Event:
    """An open event of the organization, behind its directory."""
    with organization_scope(organization.pk):
        event: Event = EventFactory(
            directory=DirectoryConnection.objects.get(),
            sponsoring_account=fields.pop("sponsoring_account", None) or SponsoringAccountFactory(),
            **fields,
        )
        return load_event(event.pk)


def account_of(event: Event) -> SponsoringAccount:
    """The sponsoring account of an event that has one alone."""
    with organization_scope(event.organization_id):
        return SponsoringAccount.objects.get(event_accounts__event=event)


def domain_of(organization: Organization) -> str:
    with organization_scope(organization.pk):
        return MailConnection.objects.get().sender.rpartition("@")[2].rstrip(">")


def sign_up(event: Event, name: str, **fields: Any) -> Registration:
    """Register `name` with an address at the organization's own domain, unless told otherwise."""
    details = {"email": f"{name}@{domain_of(event.organization)}", "given_name": name.title(), "family_name": "Racer"}
    applicant = Applicant(**{**details, "racer_alias": "", "answers": {}, **fields})
    with organization_scope(event.organization_id):
        registration, _ = register(event=event, applicant=applicant)
    return registration
