"""The tenant, who works for it, and the base of every row that belongs to one."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

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


class OperatorSession(TenantModel):
    """The time in which an operator of the deployment may act for an organization, and why. Nothing else lets them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="operator_sessions")
    reason = models.CharField(max_length=300, help_text="One sentence. The organization's owners read it.")
    started_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(help_text="When it runs out by itself.")
    ended_at = models.DateTimeField(null=True, help_text="Empty: its end is not recorded yet.")

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ended_at=None), name="one_open_session_per_operator"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.reason}"[:300]

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.ends_at > timezone.now()

    @property
    def minutes_left(self) -> int:
        """Rounded up: the last minute counts as one."""
        return max(-((timezone.now() - self.ends_at) // timedelta(minutes=1)), 0)
