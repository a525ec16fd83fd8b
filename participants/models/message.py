from django.db import models

from events.models import MailTemplate
from paddock.tenancy.models import TenantModel
from participants.models.announcement import Announcement
from participants.models.registration import Registration


class Message(TenantModel):
    """One e-mail owed to one participant, with the words that it went out with."""

    class Kind(models.TextChoices):
        WELCOME = MailTemplate.Kind.WELCOME.value, MailTemplate.Kind.WELCOME.label
        ANNOUNCEMENT = "announcement", "From the organizers"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=20, choices=Kind)
    announcement = models.ForeignKey(
        Announcement, on_delete=models.CASCADE, null=True, blank=True, related_name="messages", editable=False
    )
    recipient = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField("HTML")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    provider_message_id = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "kind", "announcement"], name="message_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"
