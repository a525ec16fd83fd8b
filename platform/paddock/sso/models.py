"""An organization's identity providers, and what it maps from their claims."""

import secrets
import string

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models

from paddock.fields import EncryptedTextField
from paddock.tenancy.models import Membership, TenantModel

KEY_LETTERS = string.ascii_lowercase + string.digits
KEY_LENGTH = 20

validate_domain = RegexValidator(
    r"^(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+\Z",
    "“%(value)s” is not an e-mail domain. Write it in lower case and without the @, such as “contoso.com”.",
)


def make_key() -> str:
    return "".join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))


class IdentityProvider(TenantModel):
    """Where an organization's people prove who they are."""

    class Kind(models.TextChoices):
        OIDC = "oidc", "OpenID Connect"
        SAML = "saml", "SAML 2.0"

    key = models.CharField(
        max_length=KEY_LENGTH,
        unique=True,
        default=make_key,
        editable=False,
        help_text="Part of the addresses that the provider answers to. Tells nobody whose it is.",
    )
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.OIDC)
    name = models.CharField(max_length=100, help_text="What people read on the button: Sign in with …")
    is_active = models.BooleanField(
        "active", default=True, help_text="Otherwise nobody can sign in, and whoever came in through it is signed out."
    )
    domains = ArrayField(
        models.CharField(max_length=253, validators=[validate_domain]),
        verbose_name="e-mail domains",
        help_text="One a line. Only people with an address of one of these can join through this provider.",
    )
    issuer = models.CharField(
        max_length=500,
        blank=True,
        help_text="Such as https://login.microsoftonline.com/(tenant id)/v2.0. Another one means other people.",
    )
    client_id = models.CharField("client id", max_length=191, blank=True)
    client_secret = EncryptedTextField(blank=True)
    scopes = models.CharField(
        max_length=200, default="openid profile email", editable=False, help_text="What the provider is asked for."
    )
    metadata_url = models.URLField("metadata address", max_length=500, blank=True)
    # These four are read from the metadata. No form shows them, but the audit trail tells of their changes.
    entity_id = models.CharField("entity id", max_length=500, blank=True)
    sso_url = models.URLField("sign-in address", max_length=500, blank=True)
    slo_url = models.URLField("sign-out address", max_length=500, blank=True)
    certificates = ArrayField(models.TextField(), default=list, blank=True)
    metadata_read_at = models.DateTimeField("metadata read", null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="one_provider_per_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_oidc(self) -> bool:
        return self.kind == self.Kind.OIDC


class ClaimRule(TenantModel):
    """Whoever the provider says this about has this role; the highest of all that fit."""

    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="rules")
    claim = models.CharField(max_length=200, default="groups", help_text="Claim or attribute, such as groups.")
    value = models.CharField(max_length=300, help_text="The value, or one of several: with Entra ID the group's id.")
    role = models.CharField(max_length=10, choices=Membership.Role)
    all_events = models.BooleanField(default=True, help_text="Otherwise only the events chosen for this rule.")

    class Meta:
        verbose_name = "role by claim"
        verbose_name_plural = "roles by claim"
        ordering = ["claim", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "provider", "claim", "value"], name="one_rule_per_claim_value"
            )
        ]

    def __str__(self) -> str:
        return f"{self.claim}: {self.value}"


class MappedMembership(TenantModel):
    """Tells that a membership came from a claim, so that it goes with it. Those by invitation have none."""

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="mapped")
    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.membership} by {self.provider}"


class UsedAssertion(TenantModel):
    """A SAML assertion that has let somebody in. It must not do so again for as long as it is valid."""

    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "provider", "digest"], name="one_use_per_assertion")
        ]

    def __str__(self) -> str:
        return self.digest
