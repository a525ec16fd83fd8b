from django.db import models
from django.utils import timezone

from paddock.tenancy.models import TenantModel


class Owed(TenantModel):
    """Something owed to the outside world, as convergence works on it: due, claimed by a worker, done or failed."""

    class State(models.TextChoices):
        BLOCKED = "blocked", "Waits for another step"
        READY = "ready", "Due"
        CLAIMED = "claimed", "In work"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    state = models.CharField(max_length=10, choices=State, default=State.BLOCKED)
    due_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True, help_text="When nothing was left to wait for.")
    attempts = models.PositiveIntegerField(default=0)
    claim = models.UUIDField(
        null=True, blank=True, help_text="A worker's token: late answers to a freed claim are void."
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    detail = models.TextField(blank=True, help_text="For the organizer: what happened, and what to do.")
    hint = models.TextField(blank=True, help_text="For the participant: what they can mend themselves.")

    class Meta:
        abstract = True
