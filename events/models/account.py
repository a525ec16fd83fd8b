import secrets

from django.core.validators import RegexValidator
from django.db import models

from paddock.tenancy.models import TenantModel

validate_account_id = RegexValidator(r"^\d{12}\Z", "An AWS account id has twelve digits, without hyphens.")
validate_role_arn = RegexValidator(
    r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+\Z",
    "A role ARN looks like “arn:aws:iam::111122223333:role/Paddock”.",
)


def make_external_id() -> str:
    """Unguessable, so that nobody can make Paddock assume a role for another tenant."""
    return f"paddock-{secrets.token_hex(16)}"


class AwsRoleModel(TenantModel):
    """A row that is reached by assuming a role with an external id that Paddock made. No AWS key is ever stored."""

    region = models.CharField(max_length=25, default="us-east-1")
    role_arn = models.CharField(
        "role ARN",
        max_length=200,
        blank=True,
        validators=[validate_role_arn],
        help_text="Paddock assumes this role. Empty: Paddock's own AWS identity is used as it is.",
    )
    external_id = models.CharField(
        max_length=100,
        default=make_external_id,
        editable=False,
        help_text="The role's trust policy must require this sts:ExternalId.",
    )

    class Meta:
        abstract = True


class SponsoringAccount(AwsRoleModel):
    """An AWS account that pays for training."""

    class Kind(models.TextChoices):
        MULTI_USER = "multi_user", "Multi-user mode"
        DEEPRACER_ON_AWS = "deepracer_on_aws", "DeepRacer on AWS"

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.MULTI_USER)
    account_id = models.CharField("AWS account id", max_length=12, validators=[validate_account_id])
    console_url = models.URLField(
        "console URL",
        max_length=400,
        default="https://us-east-1.console.aws.amazon.com/deepracer/home?region=us-east-1#welcome",
        help_text="Where a racer lands after signing in.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "account_id"], name="account_once_per_tenant")]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    @property
    def asks_for_alias(self) -> bool:
        """Multi-user mode knows its racers by alias alone."""
        return self.kind == self.Kind.MULTI_USER
