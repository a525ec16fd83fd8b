import secrets

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from paddock.fields import EncryptedTextField
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
    contacts = ArrayField(
        models.EmailField(),
        default=list,
        blank=True,
        help_text="Who is told of the account's budget; empty: the organization's owners.",
    )

    # DeepRacer on AWS: its web site, and whoever signs in to its API for us.
    site_url = models.URLField(
        "site URL", max_length=400, blank=True, help_text="Where racers sign in, such as https://racing.example.com."
    )
    admin_email = models.EmailField(
        "administrator's e-mail", blank=True, help_text="A user of the deployment in dr-admins, for Paddock alone."
    )
    admin_password = EncryptedTextField("administrator's password", blank=True, help_text="Shown never again.")

    # The account's own limits, shared by everybody who races in it.
    max_training_jobs = models.PositiveIntegerField(
        "training jobs at once",
        default=100,
        help_text="DeepRacer on AWS: SageMaker's quota for training jobs, often 8.",
    )
    max_evaluation_jobs = models.PositiveIntegerField("evaluation jobs at once", default=100)
    max_cars = models.PositiveIntegerField("cars", default=1000)
    max_leaderboards = models.PositiveIntegerField("private leaderboards", default=50)

    # Intent, and what the last look found.
    wants_mode = models.BooleanField("multi-user mode wanted", null=True, editable=False)
    mode_is_on = models.BooleanField("multi-user mode is on", null=True, editable=False)
    frozen_at = models.DateTimeField(null=True, editable=False, help_text="Set by the budget guard: all are paused.")
    sync_claimed_at = models.DateTimeField(null=True, editable=False)
    synced_at = models.DateTimeField("as of", null=True, editable=False)
    sync_error = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "account_id"], name="account_once_per_tenant")]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    @property
    def is_multi_user(self) -> bool:
        return self.kind == self.Kind.MULTI_USER

    def clean(self) -> None:
        if not self.is_multi_user and not self.site_url:
            raise ValidationError({"site_url": "DeepRacer on AWS needs the address of its site."})
