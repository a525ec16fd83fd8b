"""Endpoints of organizations, and delivering in this process, as workers would."""

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from paddock.tenancy.models import Organization
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.domain.webhooks.delivering import find_due_endpoints
from participants.domain.webhooks.endpoints import save_endpoint
from participants.models import WebhookDelivery, WebhookEndpoint, WebhookMessage
from participants.tasks import deliver_webhooks
from tests.support.hooks import Receiver


def make_endpoint(
    organization: Organization, receiver: Receiver, path: str = "/hook", **fields: Any
) -> WebhookEndpoint:
    with organization_scope(organization.pk):
        endpoint = WebhookEndpoint(url=receiver.url(path), **fields)
        return save_endpoint(endpoint=endpoint, actor=None, reason="A test wants to know.")


def deliver_due() -> int:
    """One round over every endpoint that is due. Returns how many were."""
    with across_tenants("a test plays the sweep"):
        due = find_due_endpoints()
    for each in due:
        deliver_webhooks(organization_id=each.organization_id, endpoint_id=each.endpoint_id)
    return len(due)


def deliver_all(rounds: int = 200) -> None:
    """Everything that is due now."""
    for _ in range(rounds):
        if not deliver_due():
            return
    raise AssertionError(f"Something is due for ever: {describe()}")


def turn_clock(organization: Organization, **units: float) -> None:
    """So much time goes by for everything that is kept about webhooks."""
    passed = timedelta(**units)
    with organization_scope(organization.pk):
        WebhookDelivery.objects.update(due_at=F("due_at") - passed, ready_at=F("ready_at") - passed)
        WebhookMessage.objects.update(happened_at=F("happened_at") - passed)
        WebhookEndpoint.objects.update(
            rests_until=F("rests_until") - passed, previous_secret_until=F("previous_secret_until") - passed
        )


def hurry() -> None:
    """Make every wait end now."""
    with across_tenants("a test turns the clock"):
        WebhookDelivery.objects.filter(state="ready").update(due_at=timezone.now())
        WebhookEndpoint.objects.update(rests_until=None)


def describe() -> list[str]:
    with across_tenants("a test looks at everything"):
        rows = WebhookDelivery.objects.select_related("message", "endpoint").order_by("id")
        return [f"{each} {each.state} {each.attempts} {each.detail}" for each in rows]
