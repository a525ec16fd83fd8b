"""The demonstration's two organizations: one behind Microsoft Entra ID, one with Identity Center as its directory."""

from dataclasses import dataclass

from events.models import DirectoryConnection, IdentityCenterConnection, MailConnection, SponsoringAccount
from paddock.tenancy.lookup import find_organization_by_slug
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import across_tenants

REGION = "us-east-1"


@dataclass(frozen=True)
class Tenant:
    """What differs between the two; `number` makes their ids."""

    number: int
    slug: str
    name: str
    directory: DirectoryConnection.Kind
    mail: MailConnection.Kind
    has_deployment: bool = False  # a second sponsoring account, with DeepRacer on AWS
    has_portal: bool = False  # an event whose people register in a portal of their own

    @property
    def domain(self) -> str:
        return f"{self.slug}.example"

    @property
    def sender(self) -> str:
        return f"racing@{self.domain}"

    @property
    def identity_account(self) -> str:
        return f"{self.number}11111111111"

    @property
    def mail_account(self) -> str:
        return f"{self.number}22222222222"

    @property
    def sponsoring_account(self) -> str:
        return f"{self.number}33333333333"

    @property
    def deployment_account(self) -> str:
        return f"{self.number}44444444444"

    @property
    def portal_account(self) -> str:
        return f"{self.number}55555555555"

    @property
    def identity_store_id(self) -> str:
        return f"d-{self.number:010d}"

    @property
    def instance_arn(self) -> str:
        return f"arn:aws:sso:::instance/ssoins-{self.number:016d}"

    @property
    def pinpoint_application_id(self) -> str:
        return f"{self.number:032d}"

    def make_id(self, what: int) -> str:
        return f"0000000{what}-0000-4000-8000-{self.number:012d}"

    @property
    def client_secret(self) -> str:
        return f"sandbox-secret-of-{self.slug}"

    @property
    def deployment_password(self) -> str:
        """As the deployment's user pool wants it."""
        return f"Sandbox-admin-of-{self.slug}-1"


TENANTS = [
    Tenant(
        1,
        "contoso",
        "Contoso Racing League",
        DirectoryConnection.Kind.ENTRA,
        MailConnection.Kind.PINPOINT,
        has_portal=True,
    ),
    Tenant(
        2,
        "fabrikam",
        "Fabrikam Motors",
        DirectoryConnection.Kind.IDENTITY_CENTER,
        MailConnection.Kind.SES,
        has_deployment=True,
    ),
]


@dataclass(frozen=True)
class Connections:
    directory: DirectoryConnection
    identity_center: IdentityCenterConnection
    mail: MailConnection
    account: SponsoringAccount
    deployment: SponsoringAccount | None

    @property
    def accounts(self) -> list[SponsoringAccount]:
        return [self.account, self.deployment] if self.deployment else [self.account]


def ensure_organization(tenant: Tenant) -> Organization:
    if existing := find_organization_by_slug(tenant.slug):
        return existing
    with across_tenants("the demonstration makes its tenants"):
        return Organization.objects.create(slug=tenant.slug, name=tenant.name)


def ensure_connections(tenant: Tenant, *, sandbox_url: str, smtp_port: int) -> Connections:
    """Runs inside the organization's scope. The sandbox's address may differ from start to start: it is kept fresh."""
    center, _ = IdentityCenterConnection.objects.update_or_create(
        instance_arn=tenant.instance_arn,
        defaults={"portal_url": f"{sandbox_url}/start/{tenant.slug}"},
        create_defaults={
            "name": f"{tenant.name}: AWS sign-in",
            "role_arn": f"arn:aws:iam::{tenant.identity_account}:role/PaddockIdentityCenter",
            "identity_store_id": tenant.identity_store_id,
            "portal_url": f"{sandbox_url}/start/{tenant.slug}",
        },
    )
    directory, _ = DirectoryConnection.objects.get_or_create(
        kind=tenant.directory, defaults={"name": f"{tenant.name}: people", "identity_center": center} | _entra(tenant)
    )
    mail, _ = MailConnection.objects.update_or_create(
        kind=tenant.mail,
        defaults={"smtp_host": "127.0.0.1", "smtp_port": smtp_port, "smtp_use_tls": False},
        create_defaults={
            "sender": f"{tenant.name} <{tenant.sender}>",
            "role_arn": f"arn:aws:iam::{tenant.mail_account}:role/PaddockMail",
            "pinpoint_application_id": tenant.pinpoint_application_id,
            "smtp_host": "127.0.0.1",
            "smtp_port": smtp_port,
            "smtp_use_tls": False,
        },
    )
    account, _ = SponsoringAccount.objects.update_or_create(
        account_id=tenant.sponsoring_account,
        defaults={"console_url": f"{sandbox_url}/console"},
        create_defaults={
            "name": f"{tenant.name}: racing account",
            "role_arn": f"arn:aws:iam::{tenant.sponsoring_account}:role/PaddockSponsoring",
            "console_url": f"{sandbox_url}/console",
        },
    )
    deployment = _ensure_deployment(tenant, sandbox_url) if tenant.has_deployment else None
    return Connections(directory, center, mail, account, deployment)


def _ensure_deployment(tenant: Tenant, sandbox_url: str) -> SponsoringAccount:
    site_url = f"{sandbox_url}/droa/{tenant.slug}/"
    account, _ = SponsoringAccount.objects.update_or_create(
        account_id=tenant.deployment_account,
        defaults={"site_url": site_url},
        create_defaults={
            "name": f"{tenant.name}: DeepRacer on AWS",
            "kind": SponsoringAccount.Kind.DEEPRACER_ON_AWS,
            "role_arn": f"arn:aws:iam::{tenant.deployment_account}:role/PaddockSponsoring",
            "site_url": site_url,
            "admin_email": f"paddock@{tenant.domain}",
            "admin_password": tenant.deployment_password,
            "max_training_jobs": 8,
        },
    )
    return account


def _entra(tenant: Tenant) -> dict[str, str]:
    if tenant.directory is not DirectoryConnection.Kind.ENTRA:
        return {}
    return {
        "entra_tenant_id": tenant.make_id(1),
        "client_id": tenant.make_id(2),
        "credential": tenant.client_secret,
        "service_principal_id": tenant.make_id(3),
    }
