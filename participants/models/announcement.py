from django.conf import settings
from django.db import models

from events.models import Event, Race
from paddock.tenancy.models import TenantModel


class Announcement(TenantModel):
    """A message to many participants of an event, in the words that they were asked to be sent."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="announcements")
    race = models.ForeignKey(Race, on_delete=models.SET_NULL, null=True, blank=True, related_name="announcements")
    subject = models.CharField(max_length=200)
    body = models.TextField(
        help_text="Markdown; {{given_name}}, {{event}}, {{race_url}}, {{status_url}} are filled in."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.subject
