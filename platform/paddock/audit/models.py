"""Who did what to which object, and why."""

from typing import Any

from django.conf import settings
from django.db import models

from paddock.audit.actors import Kind
from paddock.tenancy.models import Organization, TenantModel
from paddock.tenancy.scope import current_organization_id


class Record(TenantModel):
    """Only ever added: the database refuses to change or delete one. It outlives whatever it is about."""

    organization: Any = models.ForeignKey(
        Organization,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # every index begins with it
        related_name="+",
        editable=False,
        default=current_organization_id,
    )
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
        abstract = True

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.action}"


class AuditEntry(Record):
    """What somebody did, in the words of the deed. Written by `record`, in the transaction of the deed."""

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["organization", "-at", "-id"], name="audit_latest"),
            models.Index(fields=["organization", "object_type", "object_id"], name="audit_of_object"),
            models.Index(fields=["organization", "event_id", "-at"], name="audit_of_event"),
            models.Index(fields=["organization", "request_id"], name="audit_of_request"),
        ]


class RowChange(Record):
    """What became of one row, whichever way it was written. Triggers write it, and nothing else can: see `triggers`.

    `changes` holds columns as the database has them; `row_words` puts them into words.
    """

    class Action(models.TextChoices):
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        DELETED = "deleted", "Deleted"

    actor: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    action = models.CharField(max_length=10, choices=Action)

    class Meta:
        # By id, which grows with time: the index that isolates tenants serves it, and every index costs each write.
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "object_type", "object_id"], name="row_of_object"),
            models.Index(fields=["organization", "event_id", "-id"], name="row_of_event"),
            models.Index(fields=["organization", "request_id"], name="row_of_request"),
        ]
