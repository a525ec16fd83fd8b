"""Endpoints that are told what happens, what happened, and the telling."""

import uuid
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from events.models import Event
from paddock.fields import EncryptedTextField
from paddock.tenancy.models import TenantModel
from participants.models.owed import Owed
from participants.models.registration import Registration


class WebhookEndpoint(TenantModel):
    """Where an organization wants to be told what happens."""

    url = models.CharField("URL", max_length=1000, help_text="https://…, on port 443 or 8443.")
    description = models.CharField(max_length=200, blank=True, help_text="What listens there, for your colleagues.")
    all_types = models.BooleanField(
        "everything", default=True, help_text="Every type of event, also those that Paddock learns later."
    )
    types = ArrayField(models.CharField(max_length=50), default=list, blank=True, verbose_name="event types")
    secret = EncryptedTextField(editable=False)
    previous_secret = EncryptedTextField(blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_because = models.CharField(max_length=300, blank=True, editable=False)
    rests_until = models.DateTimeField(
        null=True, editable=False, help_text="It did not answer, or asked for a pause: nothing is sent before."
    )

    class Meta:
        ordering = ["id"]
        verbose_name = "webhook endpoint"

    def __str__(self) -> str:
        return self.description or self.url.partition("://")[2].partition("/")[0]

    def list_secrets(self, now: datetime) -> list[str]:
        """The valid ones: both for a while after a rotation, so that receivers can follow in their own time."""
        is_kept = self.previous_secret_until is not None and now < self.previous_secret_until
        return [self.secret, self.previous_secret] if is_kept and self.previous_secret else [self.secret]


class WebhookMessage(TenantModel):
    """Something that happened, in the words that it is told in. Written in the transaction that made it happen."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(max_length=50)
    event = models.ForeignKey(Event, on_delete=models.SET_NULL, null=True, related_name="+")
    registration = models.ForeignKey(Registration, on_delete=models.SET_NULL, null=True, related_name="+")
    body = models.TextField()
    happened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["happened_at"], name="webhook_message_age")]

    def __str__(self) -> str:
        return f"{self.type} · {self.key}"

    @property
    def key(self) -> str:
        """The header `webhook-id`: the same at every attempt and at every endpoint."""
        return f"msg_{self.reference.hex}"


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def next_in_line(self) -> "WebhookDeliveryQuerySet":
        """Those that wait for no earlier message about the same registration."""
        return self.filter(~Exists(_find_earlier()), state=Owed.State.READY)

    def with_place(self) -> "WebhookDeliveryQuerySet":
        """Annotate `is_behind`: whether an earlier one has to come to its end first."""
        return self.annotate(is_behind=Exists(_find_earlier()))


def _find_earlier() -> "WebhookDeliveryQuerySet":
    """Of the same registration; what is about none waits for nothing."""
    return WebhookDelivery.objects.filter(
        endpoint=OuterRef("endpoint"),
        registration=OuterRef("registration"),
        id__lt=OuterRef("id"),
        state__in=[Owed.State.READY, Owed.State.CLAIMED],
    )


class WebhookDelivery(Owed):
    """A message that is owed to an endpoint."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    message = models.ForeignKey(WebhookMessage, on_delete=models.CASCADE, related_name="deliveries")
    # The message's own, so that the order is kept by one index.
    registration = models.ForeignKey(Registration, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "webhook delivery"
        verbose_name_plural = "webhook deliveries"
        constraints = [models.UniqueConstraint(fields=["endpoint", "message"], name="delivered_once_per_endpoint")]
        indexes = [
            models.Index(fields=["endpoint", "due_at"], name="delivery_due", condition=Q(state="ready")),
            models.Index(
                fields=["endpoint", "registration", "id"],
                name="delivery_in_order",
                condition=Q(state__in=["ready", "claimed"]),
            ),
            models.Index(fields=["claimed_at"], name="delivery_claimed", condition=Q(state="claimed")),
        ]

    def __str__(self) -> str:
        return f"{self.message} → {self.endpoint}"


class WebhookAttempt(TenantModel):
    """One try to deliver, and what came back."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveIntegerField(null=True, help_text="Empty: there was no answer.")
    milliseconds = models.PositiveIntegerField()
    answer = models.TextField(blank=True, help_text="How the answer begins, or what stood in the way of one.")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.status or 'no answer'} after {self.milliseconds} ms"


class WebhookNotice(Owed):
    """A mail to the organization's owners, that an endpoint was disabled."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="notices")
    because = models.CharField(max_length=300)
    sent_to = ArrayField(models.EmailField(), default=list, help_text="Who need not be mailed again.")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["due_at"], name="notice_due", condition=Q(state="ready"))]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.because}"
