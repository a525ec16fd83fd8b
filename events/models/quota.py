from django.db import models

from events.models.event import Event
from paddock.tenancy.models import TenantModel


class ParticipantGroup(TenantModel):
    """People of an event who are treated alike: a team, a site, a level."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="group_once_per_event")]

    def __str__(self) -> str:
        return self.name


class QuotaPolicy(TenantModel):
    """How much each racer may train and keep: of the organization, of an event, or of a group. The nearest wins.

    What is empty here is decided one level up; with no word on any level there is no limit.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, null=True, blank=True, related_name="quota_policies")
    group = models.ForeignKey(
        ParticipantGroup, on_delete=models.CASCADE, null=True, blank=True, related_name="quota_policies"
    )
    minutes = models.PositiveIntegerField("training minutes", null=True, blank=True)
    model_count = models.PositiveIntegerField("models", null=True, blank=True)

    class Meta:
        ordering = ["event", "group"]
        verbose_name_plural = "quota policies"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "event", "group"], name="one_quota_policy", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(group=None) | models.Q(event__isnull=False), name="group_policy_names_its_event"
            ),
        ]

    def __str__(self) -> str:
        return str(self.group or self.event or self.organization)
