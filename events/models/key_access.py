from django.db import models

from events.models.event import Event
from paddock.api.models import ApiKey
from paddock.tenancy.models import TenantModel


class KeyAccess(TenantModel):
    """An event chosen for an API key that is not for all events."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="chosen_events")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = "event of an API key"
        verbose_name_plural = "events of API keys"
        constraints = [models.UniqueConstraint(fields=["key", "event"], name="event_chosen_once_per_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.event}"
