"""Asking somebody by mail to work for the organization."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from events.models.event import Event
from paddock.fields import EncryptedTextField
from paddock.tenancy.models import Membership, TenantModel


class Invitation(TenantModel):
    """To a role, for all events or for chosen ones. Its link works once, and until it expires."""

    class MailState(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    class State(models.TextChoices):
        """Not stored but read from the moments below, so that the two cannot disagree."""

        PENDING = "pending", "Waits for an answer"
        ACCEPTED = "accepted", "Accepted"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"

    email = models.EmailField("e-mail address")
    role = models.CharField(max_length=10, choices=Membership.Role, default=Membership.Role.VIEWER)
    all_events = models.BooleanField(default=True, help_text="Otherwise only the events chosen below.")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    token = EncryptedTextField(blank=True, editable=False)  # kept until its mail is out; a retry sends the same link
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    mail_state = models.CharField(max_length=10, choices=MailState, default=MailState.QUEUED)
    mail_due_at = models.DateTimeField(default=timezone.now)
    mail_attempts = models.PositiveIntegerField(default=0)
    mail_error = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_role_display()})"

    @property
    def state(self) -> State:
        if self.accepted_at:
            return self.State.ACCEPTED
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        return self.State.PENDING if timezone.now() < self.expires_at else self.State.EXPIRED


class InvitedEvent(TenantModel):
    """An event chosen for an invitation that is not for all events."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="chosen_events")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invitation", "event"], name="event_invited_to_once")]

    def __str__(self) -> str:
        return f"{self.invitation}: {self.event}"
