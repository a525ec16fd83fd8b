"""Sending by hand: once more what was sent or given up, and a test."""

from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from paddock.accounts.addresses import address_of
from paddock.audit.recording import record
from participants.convergence import doorbell
from participants.domain.webhooks.announcing import News, owe_alone
from participants.domain.webhooks.catalogue import TEST
from participants.models import WebhookDelivery, WebhookEndpoint

# A test that no worker was woken for is sent like any other message.
PATIENCE_WITH_THE_BROKER = timedelta(seconds=30)
# What a worker has in work at this moment stays with it.
REPEATABLE = Q(state__in=[WebhookDelivery.State.DONE, WebhookDelivery.State.FAILED, WebhookDelivery.State.READY])


def redeliver(*, deliveries: QuerySet[WebhookDelivery], actor: AbstractBaseUser, reason: str) -> int:
    """Owe these once more, from the first attempt on and by the same ids. Returns how many.

    Endpoints that are switched off get nothing.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = WebhookDelivery.objects.filter(REPEATABLE, pk__in=deliveries.order_by().values("pk"))
        chosen = rows.filter(endpoint__disabled_at=None).order_by("pk")
        found = list(chosen.select_for_update(of=("self",)).values_list("pk", "endpoint_id"))
        WebhookDelivery.objects.filter(pk__in=[pk for pk, _ in found]).update(
            state=WebhookDelivery.State.READY, due_at=now, ready_at=now, attempts=0, done_at=None, detail=""
        )
        for endpoint in WebhookEndpoint.objects.filter(pk__in={pk for _, pk in found}).order_by("pk"):
            number = sum(pk == endpoint.pk for _, pk in found)
            words = "1 message" if number == 1 else f"{number} messages"
            record(actor=actor, action=f"delivered {words} again", about=endpoint, reason=reason)
            doorbell.ring_endpoint(organization_id=endpoint.organization_id, endpoint_id=endpoint.pk)
    return len(found)


def request_test(*, endpoint: WebhookEndpoint, actor: AbstractBaseUser) -> WebhookDelivery:
    """Have a test sent at once and once. Belongs into a transaction.

    Also to an endpoint that is switched off: that is how one finds out whether it is well.
    """
    data = {"organization": endpoint.organization.slug, "sent_by": address_of(actor)}
    delivery = owe_alone(endpoint, TEST.name, News(data), due_at=timezone.now() + PATIENCE_WITH_THE_BROKER)
    doorbell.wake(
        "send_webhook_test",
        expires=PATIENCE_WITH_THE_BROKER.total_seconds(),
        organization_id=endpoint.organization.pk,
        delivery_id=delivery.pk,
    )
    return delivery
