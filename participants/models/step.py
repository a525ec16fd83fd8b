from django.db import models
from django.utils import timezone

from events.models import Event
from participants.models.announcement import Announcement
from participants.models.operation import Operation
from participants.models.owed import Owed
from participants.models.registration import Registration


class Step(Owed):
    """One thing owed to the outside world, for one registration or, where that is empty, for the event itself."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="steps")
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="steps", null=True, blank=True
    )
    kind = models.CharField(max_length=30)
    announcement = models.ForeignKey(
        Announcement, on_delete=models.CASCADE, related_name="steps", null=True, blank=True, editable=False
    )
    operation = models.ForeignKey(
        Operation,
        on_delete=models.SET_NULL,
        related_name="steps",
        null=True,
        blank=True,
        editable=False,
        help_text="What made it due last.",
    )
    updated_at = models.DateTimeField(default=timezone.now, editable=False, help_text="Kept by the database.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "kind"],
                name="step_once_per_registration",
                condition=models.Q(announcement=None),
            ),
            models.UniqueConstraint(
                fields=["registration", "announcement"],
                name="announced_once_per_registration",
                condition=models.Q(announcement__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["event", "kind"], name="step_once_per_event", condition=models.Q(registration=None)
            ),
        ]
        indexes = [
            models.Index(fields=["event", "kind", "due_at"], name="step_due", condition=models.Q(state="ready")),
            models.Index(fields=["event", "kind"], name="step_blocked", condition=models.Q(state="blocked")),
            models.Index(fields=["organization", "updated_at"], name="step_updated"),
            models.Index(
                fields=["organization", "registration"], name="step_failed", condition=models.Q(state="failed")
            ),
            models.Index(fields=["claimed_at"], name="step_claimed", condition=models.Q(state="claimed")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.registration or self.event}"
