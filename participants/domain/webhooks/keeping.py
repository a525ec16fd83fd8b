"""How long the log is kept."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from participants.models import WebhookDelivery, WebhookMessage

AT_ONCE = 1000


def delete_old_messages() -> int:
    """With their deliveries and attempts, in small transactions. What is still owed stays. Returns how many."""
    oldest = timezone.now() - timedelta(days=settings.WEBHOOK_LOG_DAYS)
    waiting = (WebhookDelivery.State.READY, WebhookDelivery.State.CLAIMED)
    owed = WebhookDelivery.objects.filter(message=OuterRef("pk"), state__in=waiting)
    old = WebhookMessage.objects.filter(~Exists(owed), happened_at__lt=oldest).order_by("pk")
    number = 0
    while ids := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        WebhookMessage.objects.filter(pk__in=ids).delete()
        number += len(ids)
    return number
