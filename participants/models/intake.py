from django.db import models

from events.models import Intake
from paddock.tenancy.models import TenantModel
from participants.models.registration import Registration


class IntakeItem(TenantModel):
    """What became of one item of a portal's table. Where nobody was registered, its content is kept."""

    class State(models.TextChoices):
        REGISTERED = "registered", "Registered"
        CHANGED = "changed", "Changed afterwards"
        WAITING = "waiting", "Waits for the event"
        UNMAPPED = "unmapped", "Needs a hand"
        DELETED = "deleted", "Deleted in the portal"

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="items")
    # A key may be longer than an index takes.
    key_digest = models.CharField(max_length=64, editable=False)
    key = models.TextField()
    content = models.TextField(blank=True)
    content_digest = models.CharField(max_length=64, blank=True, editable=False)
    state = models.CharField(max_length=12, choices=State)
    reason = models.TextField(blank=True)
    registration = models.ForeignKey(
        Registration, on_delete=models.SET_NULL, null=True, blank=True, related_name="intake_items"
    )
    wants_retry = models.BooleanField(default=False, help_text="Somebody asked for another try.")
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["intake", "key_digest"], name="item_once_per_intake")]
        indexes = [models.Index(fields=["intake", "state"], name="items_of_intake_by_state")]

    def __str__(self) -> str:
        return self.key
