"""How an organization reaches the outside world: its directory, its Identity Center, its mail."""

from django.core.exceptions import ValidationError
from django.db import models

from events.models.account import AwsRoleModel
from paddock.fields import EncryptedTextField
from paddock.tenancy.models import TenantModel


class IdentityCenterConnection(AwsRoleModel):
    """The IAM Identity Center that lets people into sponsoring accounts, where access is verified."""

    name = models.CharField(max_length=200)
    instance_arn = models.CharField("instance ARN", max_length=100, help_text="arn:aws:sso:::instance/ssoins-…")
    identity_store_id = models.CharField(max_length=50, help_text="d-…")
    portal_url = models.URLField(
        "access portal URL", max_length=300, help_text="https://d-….awsapps.com/start, as the portal shows it."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DirectoryConnection(TenantModel):
    """Where identities get their event group."""

    class Kind(models.TextChoices):
        ENTRA = "entra", "Microsoft Entra ID"
        IDENTITY_CENTER = "identity_center", "IAM Identity Center"

    class Credential(models.TextChoices):
        SECRET = "secret", "Client secret"
        CERTIFICATE = "certificate", "Certificate"
        FEDERATED = "federated", "Federated credential"

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.ENTRA)
    identity_center = models.ForeignKey(
        IdentityCenterConnection,
        on_delete=models.PROTECT,
        help_text="Where access is verified; with Entra ID, the one that Entra provisions into.",
    )
    entra_tenant_id = models.CharField("Entra tenant id", max_length=100, blank=True)
    client_id = models.CharField("application (client) id", max_length=100, blank=True)
    credential_kind = models.CharField(max_length=20, choices=Credential, default=Credential.SECRET)
    credential = EncryptedTextField(
        blank=True,
        help_text="The client secret, or the private key followed by the certificate (PEM). Shown never again.",
    )
    federated_token_file = models.CharField(
        max_length=300, blank=True, help_text="Path of the projected token on Paddock's machines."
    )
    service_principal_id = models.CharField(
        "enterprise application object id",
        max_length=100,
        blank=True,
        help_text="Of the enterprise application “AWS IAM Identity Center”; needed for on-demand provisioning.",
    )
    provisioning_job_id = models.CharField(
        max_length=100, blank=True, help_text="Empty: Paddock looks it up at the enterprise application."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_entra(self) -> bool:
        return self.kind == self.Kind.ENTRA

    def clean(self) -> None:
        missing = {}
        if self.is_entra:
            required = ["entra_tenant_id", "client_id"]
            federated = self.credential_kind == self.Credential.FEDERATED
            required.append("federated_token_file" if federated else "credential")
            missing = {name: "Microsoft Entra ID needs this." for name in required if not getattr(self, name)}
        if missing:
            raise ValidationError(missing)


class MailConnection(AwsRoleModel):
    """How an organization's mail leaves."""

    class Kind(models.TextChoices):
        PINPOINT = "pinpoint", "Amazon Pinpoint"
        SES = "ses", "Amazon SES"
        SMTP = "smtp", "SMTP"

    kind = models.CharField(max_length=20, choices=Kind, default=Kind.SES)
    sender = models.CharField(max_length=320, help_text="Name and address: Racing League <racing@example.com>")
    pinpoint_application_id = models.CharField(max_length=100, blank=True)
    ses_configuration_set = models.CharField("SES configuration set", max_length=100, blank=True)
    ses_recipients_per_second = models.PositiveIntegerField("SES recipients a second", default=14)
    smtp_host = models.CharField("SMTP host", max_length=200, blank=True)
    smtp_port = models.PositiveIntegerField("SMTP port", default=587)
    smtp_username = models.CharField("SMTP user name", max_length=200, blank=True)
    smtp_password = EncryptedTextField("SMTP password", blank=True)
    smtp_use_tls = models.BooleanField("SMTP with TLS", default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization"], name="one_mail_connection_per_tenant")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.sender}"

    def clean(self) -> None:
        needs = {self.Kind.PINPOINT: "pinpoint_application_id", self.Kind.SMTP: "smtp_host"}
        required = needs.get(self.Kind(self.kind))
        if required and not getattr(self, required):
            raise ValidationError({required: f"{self.get_kind_display()} needs this."})
