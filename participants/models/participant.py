from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from paddock.tenancy.models import TenantModel

validate_alias = RegexValidator(r"^[a-zA-Z0-9-]{1,64}\Z", "Use up to 64 letters, digits and hyphens.")


class Participant(TenantModel):
    """A person within one organization: one e-mail address, once."""

    email = models.EmailField("e-mail address", help_text="As the person typed it.")
    # A stored column, because an expression cannot use its index under row-level security.
    email_key = models.GeneratedField(expression=Lower("email"), output_field=models.EmailField(), db_persist=True)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        help_text="Who signed in with the organization's own provider, and owns what is registered here.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(default=timezone.now, editable=False, help_text="Kept by the database.")

    class Meta:
        ordering = ["family_name", "given_name", "id"]
        indexes = [models.Index(fields=["organization", "updated_at"], name="participant_updated")]
        constraints = [models.UniqueConstraint(fields=["organization", "email_key"], name="email_once_per_tenant")]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"
