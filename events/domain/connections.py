"""From what organizers entered to the adapter that speaks with the provider."""

import re

from events.models import DirectoryConnection, Event, Intake, MailConnection, SponsoringAccount
from events.models.account import AwsRoleModel
from integrations.aws import AwsAccess, identify
from integrations.directories.entra.credentials import Certificate, Credential, EntraConfig, Federated, Secret
from integrations.directories.entra.directory import EntraDirectory
from integrations.directories.entra.provisioning import Provisioning
from integrations.directories.identity_center.config import IdentityCenterConfig
from integrations.directories.identity_center.directory import IdentityCenter
from integrations.directories.protocol import Directory
from integrations.errors import IntegrationError
from integrations.intake.dynamodb.refusals import TableConfig
from integrations.mail.pinpoint.provider import PinpointConfig, PinpointMail
from integrations.mail.protocol import MailProvider
from integrations.mail.ses import SesConfig, SesMail
from integrations.mail.smtp import SmtpConfig, SmtpMail
from integrations.racing.deepracer_on_aws.config import DeepRacerOnAwsConfig
from integrations.racing.deepracer_on_aws.service import DeepRacerOnAws
from integrations.racing.multi_user.config import MultiUserConfig
from integrations.racing.multi_user.racing import MultiUserRacing
from integrations.racing.protocol import RacingService
from paddock.tenancy.models import TenantModel


def open_directory(event: Event) -> Directory:
    """Where the event's people get their group."""
    if event.directory.is_entra:
        return EntraDirectory(_entra_config(event.directory))
    return open_identity_center(event)


def open_identity_center(event: Event) -> IdentityCenter:
    """Where access is verified, whatever the directory is."""
    connection = event.directory.identity_center
    return IdentityCenter(
        IdentityCenterConfig(
            access=_aws_access(connection),
            instance_arn=connection.instance_arn,
            identity_store_id=connection.identity_store_id,
        )
    )


def open_provisioning(event: Event) -> Provisioning | None:
    """Entra's push into Identity Center; None where its enterprise application is not named."""
    if not event.directory.service_principal_id:
        return None
    return Provisioning(_entra_config(event.directory))


def open_racing(account: SponsoringAccount) -> RacingService:
    """Where the account's racers train."""
    if account.is_multi_user:
        return MultiUserRacing(MultiUserConfig(_aws_access(account), account.account_id, account.console_url))
    return DeepRacerOnAws(
        DeepRacerOnAwsConfig(
            site_url=account.site_url,
            admin_email=account.admin_email,
            admin_password=account.admin_password,
            access=_aws_access(account) if account.role_arn else None,
        )
    )


def open_table(intake: Intake) -> TableConfig:
    """The table of a portal that the organization runs itself."""
    return TableConfig(_aws_access(intake), intake.table_name)


def open_mail(row: TenantModel) -> MailProvider:
    """The way in which mail of the row's organization leaves."""
    connection = MailConnection.objects.filter(organization=row.organization_id).first()
    if connection is None:
        raise IntegrationError("No mail connection is set up. Add one under Connections → Mail.", permanent=True)
    match MailConnection.Kind(connection.kind):
        case MailConnection.Kind.PINPOINT:
            return PinpointMail(
                PinpointConfig(_aws_access(connection), connection.pinpoint_application_id, connection.sender)
            )
        case MailConnection.Kind.SES:
            return SesMail(
                SesConfig(
                    _aws_access(connection),
                    connection.sender,
                    connection.ses_configuration_set,
                    connection.ses_recipients_per_second,
                )
            )
        case MailConnection.Kind.SMTP:
            return SmtpMail(_smtp_config(connection))


def identify_role(row: AwsRoleModel) -> str:
    """The id of the AWS account that the row's role leads into. Raises IntegrationError."""
    return identify(_aws_access(row))


def _smtp_config(connection: MailConnection) -> SmtpConfig:
    return SmtpConfig(
        host=connection.smtp_host,
        port=connection.smtp_port,
        username=connection.smtp_username,
        password=connection.smtp_password,
        use_tls=connection.smtp_use_tls,
        sender=connection.sender,
    )


def _aws_access(row: AwsRoleModel) -> AwsAccess:
    return AwsAccess(region=row.region, role_arn=row.role_arn, external_id=row.external_id)


def _entra_config(connection: DirectoryConnection) -> EntraConfig:
    return EntraConfig(
        tenant_id=connection.entra_tenant_id,
        client_id=connection.client_id,
        credential=_entra_credential(connection),
        service_principal_id=connection.service_principal_id,
        job_id=connection.provisioning_job_id,
    )


def _entra_credential(connection: DirectoryConnection) -> Credential:
    match DirectoryConnection.Credential(connection.credential_kind):
        case DirectoryConnection.Credential.SECRET:
            return Secret(connection.credential)
        case DirectoryConnection.Credential.CERTIFICATE:
            return _split_certificate(connection.credential)
        case DirectoryConnection.Credential.FEDERATED:
            return Federated(connection.federated_token_file)


def _split_certificate(pem: str) -> Certificate:
    """The organizer pastes the private key and the certificate, in either order."""
    blocks = re.findall(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", pem, re.DOTALL)
    key = next((block for block in blocks if "PRIVATE KEY" in block), "")
    certificate = next((block for block in blocks if "CERTIFICATE" in block), "")
    if not key or not certificate:
        raise IntegrationError(
            "The directory connection's certificate needs a private key and a certificate, both in PEM.", permanent=True
        )
    return Certificate(private_key_pem=key, certificate_pem=certificate)
