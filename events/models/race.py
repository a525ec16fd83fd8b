from django.db import models

from events.models.event import Event
from paddock.tenancy.models import TenantModel


class Race(TenantModel):
    """A leaderboard of an event."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="races")
    name = models.CharField(max_length=200)
    url = models.URLField("URL", max_length=500, help_text="Where racers submit their models.")
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["opens_at", "id"]

    def __str__(self) -> str:
        return self.name
