"""Switching an endpoint off and on, by Paddock or by a person."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from paddock.audit.recording import record
from participants.convergence import doorbell
from participants.models import WebhookDelivery, WebhookEndpoint, WebhookNotice

NOT_SENT = "Not sent: the endpoint was switched off. Deliver it again from here once it is on."


def disable(*, endpoint: WebhookEndpoint, because: str, actor: AbstractBaseUser | None) -> bool:
    """Whether it was on. What is owed to it is given up, and can be delivered again by hand.

    Belongs into a transaction. What Paddock does by itself the owners are mailed.
    """
    now = timezone.now()
    was_on = WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at=None).update(
        disabled_at=now, disabled_because=because[:300], rests_until=None
    )
    if not was_on:
        return False
    give_up_waiting(endpoint=endpoint)
    record(
        actor=actor, action="switched a webhook off", about=endpoint, reason=because, changes={"state": ["on", "off"]}
    )
    if actor is None:
        _owe_notice(endpoint, because)
    return True


def give_up_waiting(*, endpoint: WebhookEndpoint) -> None:
    """Also for what was being sent, or written down, in the moment that the endpoint was switched off."""
    WebhookDelivery.objects.filter(endpoint=endpoint, state=WebhookDelivery.State.READY).update(
        state=WebhookDelivery.State.FAILED, detail=NOT_SENT
    )


def _owe_notice(endpoint: WebhookEndpoint, because: str) -> None:
    WebhookNotice.objects.create(
        organization_id=endpoint.organization_id,
        endpoint=endpoint,
        because=because[:300],
        state=WebhookNotice.State.READY,
        ready_at=timezone.now(),
    )


def enable(*, endpoint: WebhookEndpoint, actor: AbstractBaseUser, reason: str) -> bool:
    """Whether it was off. It is told what happens from now on. Belongs into a transaction."""
    if WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at__isnull=False).exists():
        give_up_waiting(endpoint=endpoint)
    was_off = WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at__isnull=False).update(
        disabled_at=None, disabled_because="", rests_until=None
    )
    if was_off:
        changes = {"state": ["off", "on"]}
        record(actor=actor, action="switched a webhook on", about=endpoint, reason=reason, changes=changes)
        doorbell.ring_endpoint(organization_id=endpoint.organization_id, endpoint_id=endpoint.pk)
    return bool(was_off)
