from django.conf import settings
from django.db import models

from paddock.tenancy.models import TenantModel
from participants.models.registration import Registration


class QuotaChange(TenantModel):
    """The history of a registration's quota: from what, to what, by whom and why. Empty minutes or models: no limit."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="quota_changes")
    minutes_before = models.PositiveIntegerField(null=True)
    minutes_after = models.PositiveIntegerField(null=True)
    models_before = models.PositiveIntegerField(null=True)
    models_after = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=300)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-changed_at", "-id"]

    def __str__(self) -> str:
        return f"{self.registration}: {self.minutes_before} → {self.minutes_after} min"
