from django.db import models
from django.db.models.functions import Lower

from events.models import Event
from paddock.tenancy.models import TenantModel
from participants.models.announcement import Announcement


class EventInvitation(TenantModel):
    """Somebody who was asked by mail to register for an event. One address is invited to it once."""

    class State(models.TextChoices):
        OWED = "owed", "To be sent"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail address")
    # A stored column, because an expression cannot use its index under row-level security.
    email_key = models.GeneratedField(expression=Lower("email"), output_field=models.EmailField(), db_persist=True)
    announcement = models.ForeignKey(
        Announcement, on_delete=models.CASCADE, related_name="invitations", help_text="The words that it goes out with."
    )
    state = models.CharField(max_length=10, choices=State, default=State.OWED)
    invited_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    provider_message_id = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-invited_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["event", "email_key"], name="invited_once_per_event")]

    def __str__(self) -> str:
        return f"{self.email} · {self.event}"
