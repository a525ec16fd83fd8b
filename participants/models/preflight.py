from django.conf import settings
from django.db import models

from events.models import Event
from paddock.tenancy.models import TenantModel
from participants.models.operation import name_actor


class PreflightRun(TenantModel):
    """One look at everything that an event needs. `lines` holds a dictionary a check: name, title, light, advice."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="preflight_runs")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_by_name = models.CharField(max_length=254, default=name_actor, help_text="Who is no user, such as a key.")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    lines = models.JSONField(default=list)

    class Meta:
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return f"{self.event}, {self.started_at:%Y-%m-%d %H:%M}"
