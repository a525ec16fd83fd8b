"""Keys of partners' programs, and what these were answered."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from paddock.api.scopes import SCOPES
from paddock.tenancy.models import TenantModel


class ApiKey(TenantModel):
    """What a program of a partner proves itself with. The secret is not kept, only its digest."""

    name = models.CharField(max_length=100, help_text="Which program uses it, such as “CRM sync”.")
    prefix = models.CharField(max_length=12, unique=True, editable=False, help_text="How the key is told in lists.")
    digest = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(
        models.CharField(max_length=30, choices=SCOPES), help_text="What it may do. Writing includes reading."
    )
    all_events = models.BooleanField(default=True, help_text="Otherwise only the events chosen for this key.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: works until somebody revokes it.")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False, help_text="To the minute.")
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} (pdk_{self.prefix}_…)"

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or timezone.now() < self.expires_at)


class StoredAnswer(TenantModel):
    """What a call with an `Idempotency-Key` was answered, for whoever asks the same again."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    idempotency_key = models.CharField(max_length=255, validators=[RegexValidator(r"^[\x21-\x7e]+\Z")])
    fingerprint = models.CharField(max_length=64, help_text="Of method, address and body.")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "idempotency_key"], name="one_answer_per_call")]
        indexes = [models.Index(fields=["created_at"], name="answer_age")]

    def __str__(self) -> str:
        return f"{self.status} for {self.idempotency_key}"
