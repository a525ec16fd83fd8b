from django.db import models
from django.utils import timezone

from events.models import Event
from paddock.tenancy.models import TenantModel
from participants.models.announcement import Announcement
from participants.models.operation import Operation
from participants.models.registration import Registration


class Step(TenantModel):
    """One thing owed to the outside world, for one registration or, where that is empty, for the event itself."""

    class State(models.TextChoices):
        BLOCKED = "blocked", "Waits for another step"
        READY = "ready", "Due"
        CLAIMED = "claimed", "In work"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

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
    state = models.CharField(max_length=10, choices=State, default=State.BLOCKED)
    due_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True, help_text="When nothing was left to wait for.")
    attempts = models.PositiveIntegerField(default=0)
    claim = models.UUIDField(
        null=True, blank=True, help_text="A worker's token: late answers to a freed claim are void."
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now, editable=False, help_text="Kept by the database.")
    detail = models.TextField(blank=True, help_text="For the organizer: what happened, and what to do.")
    hint = models.TextField(blank=True, help_text="For the participant: what they can mend themselves.")

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
            models.Index(fields=["claimed_at"], name="step_claimed", condition=models.Q(state="claimed")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.registration or self.event}"
