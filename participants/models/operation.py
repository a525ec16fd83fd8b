from django.conf import settings
from django.db import models

from events.models import Event
from paddock.audit.actors import current_actor
from paddock.tenancy.models import TenantModel


def name_actor() -> str:
    return current_actor().name[:254]


class Operation(TenantModel):
    """Something that an organizer asked for many people at once. Its progress is read from the steps that carry it."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, null=True, related_name="operations")
    title = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_by_name = models.CharField(max_length=254, default=name_actor, help_text="Who is no user, such as a key.")
    started_at = models.DateTimeField(auto_now_add=True)
    total = models.PositiveIntegerField(default=0, help_text="Steps that it owes.")

    class Meta:
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return self.title
