"""Writing down what happened for whoever wants to be told, in the transaction that made it happen.

What is rolled back is not told, and what was committed is never forgotten: the rows are the queue.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from paddock.tenancy.scope import current_organization_id
from participants.convergence import doorbell
from participants.domain.webhooks.catalogue import TYPES, VERSION
from participants.models import WebhookDelivery, WebhookEndpoint, WebhookMessage


@dataclass(frozen=True)
class News:
    """One thing that happened. `data` holds the fields that the catalogue names for its type."""

    data: dict[str, Any]
    event_id: int | None = None
    registration_id: int | None = None


def announce(name: str, *, find_news: Callable[[], Iterable[News]]) -> None:
    """Owe it to every endpoint that wants this type. One query, and nothing is looked up, where none does.

    As many statements for thousands of news as for one.
    """
    listeners = list(_find_listeners(name).order_by("id"))
    if listeners:
        owe_to(listeners, name, list(find_news()))


def has_listeners(*names: str) -> bool:
    return _find_listeners(*names).exists()


def _find_listeners(*names: str) -> QuerySet[WebhookEndpoint]:
    wants = Q(all_types=True) | Q(types__overlap=list(names))
    return WebhookEndpoint.objects.filter(wants, organization_id=current_organization_id(), disabled_at=None)


def owe_to(endpoints: Sequence[WebhookEndpoint], name: str, news: Sequence[News]) -> None:
    now = timezone.now()
    messages = WebhookMessage.objects.bulk_create(
        [_write(endpoints[0].organization_id, name, each, now) for each in news]
    )
    WebhookDelivery.objects.bulk_create(
        [_owe(endpoint, message, now) for message in messages for endpoint in endpoints]
    )
    for endpoint in endpoints if messages else ():
        doorbell.ring_endpoint(organization_id=endpoint.organization_id, endpoint_id=endpoint.pk)


def owe_alone(endpoint: WebhookEndpoint, name: str, news: News, *, due_at: datetime) -> WebhookDelivery:
    """To one endpoint, without waking anybody."""
    message = _write(endpoint.organization_id, name, news, timezone.now())
    message.save()
    delivery = _owe(endpoint, message, due_at)
    delivery.save()
    return delivery


def _write(organization_id: int | None, name: str, news: News, now: datetime) -> WebhookMessage:
    return WebhookMessage(
        organization_id=organization_id,
        type=name,
        event_id=news.event_id,
        registration_id=news.registration_id,
        body=write_body(name, now, news.data),
        happened_at=now,
    )


def _owe(endpoint: WebhookEndpoint, message: WebhookMessage, due_at: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        organization_id=endpoint.organization_id,
        endpoint=endpoint,
        message=message,
        registration_id=message.registration_id,
        state=WebhookDelivery.State.READY,
        due_at=due_at,
        ready_at=due_at,
    )


def write_body(name: str, happened_at: datetime, data: dict[str, Any]) -> str:
    """Signed, stored and sent as it is. Raises ValueError where it is not what the catalogue promises."""
    if set(data) != set(TYPES[name].fields):
        raise ValueError(f"{name} promises {sorted(TYPES[name].fields)} and was given {sorted(data)}.")
    moment = happened_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    envelope = {"type": name, "version": VERSION, "timestamp": moment, "data": data}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
