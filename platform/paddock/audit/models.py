"""Who did what to which object, and why."""

from django.conf import settings
from django.db import models

from paddock.audit.actors import Kind
from paddock.tenancy.models import TenantModel


class AuditEntry(TenantModel):
    """Only ever added: the database refuses to change or delete one."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    actor_kind = models.CharField(max_length=10, choices=Kind, default=Kind.SYSTEM)
    actor_name = models.CharField(max_length=254, help_text="The user's address, or what acted by itself.")
    credential_id = models.BigIntegerField(null=True, help_text="The API key or operator session that it acted with.")
    action = models.CharField(max_length=100, help_text="In the past tense: paused 3 racers.")
    object_type = models.CharField(max_length=50)
    object_id = models.BigIntegerField()
    object_name = models.CharField(max_length=300)
    event_id = models.BigIntegerField(null=True, help_text="The event that it is about.")
    reason = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True, help_text="Shared by all that one request or task did.")
    changes = models.JSONField(default=dict, help_text="Before and after, by what changed.")

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["organization", "-at"], name="audit_latest")]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.action}"
