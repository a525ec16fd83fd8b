"""The tenant, who works for it, and the base of every row that belongs to one."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from paddock.tenancy.scope import current_organization_id

validate_slug = RegexValidator(
    r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z", "Use lower-case letters, digits and single hyphens, such as “summer-race-2027”."
)


class Organization(models.Model):
    """The tenant."""

    name = models.CharField(max_length=200)
    slug = models.CharField(max_length=60, unique=True, validators=[validate_slug], help_text="Part of every address.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TenantModel(models.Model):
    """A row of one organization. Its migration must isolate it: `operations.IsolateTenant`."""

    organization_id: int
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", editable=False, default=current_organization_id
    )

    class Meta:
        abstract = True


class Membership(TenantModel):
    """What a user may do in an organization: viewers look, organizers run events, owners connect and invite."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        ORGANIZER = "organizer", "Organizer"
        VIEWER = "viewer", "Viewer"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    all_events = models.BooleanField(default=True, help_text="Otherwise only the events chosen for this membership.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="one_membership_per_user")]
        ordering = ["user__email"]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"
