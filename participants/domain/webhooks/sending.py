"""Sending what is owed to one endpoint, several at a time: what came back, and what that means."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.utils import timezone

from integrations.errors import IntegrationError
from integrations.webhooks.sending import Answer, post
from integrations.webhooks.targets import Reach
from participants.convergence.outcomes import Done, Failed, Outcome, Retry
from participants.domain.webhooks.secrets import sign
from participants.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

USER_AGENT = "Paddock-Webhooks/1"
GONE = 410
# A server that does not answer is not asked again for as long, whatever else is owed to it.
REST = timedelta(minutes=1)
# The longest pause that a server may ask for.
LONGEST_REST = timedelta(hours=24)
EXCERPT = 1000


@dataclass(frozen=True)
class Report:
    """`status` is None where there was no answer; then `text` says why."""

    at: datetime
    status: int | None
    text: str
    milliseconds: int
    retry_after: float | None = None

    @property
    def outcome(self) -> Outcome:
        if self.status is None:
            return Retry(self.text)
        if 200 <= self.status < 300:
            return Done(f"Accepted: {self.status}.")
        if self.status == GONE:
            return Failed("The server says that nobody listens there any more (410).")
        return Retry(f"The server answered {self.status}.", self._limited_pause)

    @property
    def rest(self) -> timedelta | None:
        """How long the endpoint is to be left alone."""
        if self.status is None:
            return REST
        if self.status in (429, 503) and self._limited_pause:
            return timedelta(seconds=self._limited_pause)
        return None

    @property
    def _limited_pause(self) -> float | None:
        return None if self.retry_after is None else min(self.retry_after, LONGEST_REST.total_seconds())

    def as_attempt(self, delivery: WebhookDelivery) -> WebhookAttempt:
        return WebhookAttempt(
            organization_id=delivery.organization_id,
            delivery=delivery,
            at=self.at,
            status=self.status,
            milliseconds=self.milliseconds,
            answer=self.text[:EXCERPT],
        )


@cache
def find_reach() -> Reach:
    return Reach(is_local=settings.WEBHOOKS_ARE_LOCAL)


def send(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> Report:
    """One attempt. Never raises what the other side may cause."""
    now, began_at = timezone.now(), time.monotonic()
    message = delivery.message
    headers = sign(key=message.key, body=message.body, secrets=endpoint.list_secrets(now), now=now) | {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
    }
    try:
        answer: Answer = post(endpoint.url, body=message.body.encode(), headers=headers, reach=find_reach())
    except IntegrationError as error:
        return Report(now, None, str(error), round((time.monotonic() - began_at) * 1000))
    return Report(now, answer.status, answer.text, answer.milliseconds, answer.retry_after)


def send_all(
    endpoint: WebhookEndpoint, deliveries: Sequence[WebhookDelivery], *, at_once: int, seconds: float
) -> dict[int, Report]:
    """Reports by the deliveries' ids, of those that there was time for before the endpoint had to be left alone."""
    ends_at, reports = time.monotonic() + seconds, dict[int, Report]()

    def attempt(delivery: WebhookDelivery) -> None:
        is_alone = any(report.rest or report.status == GONE for report in list(reports.values()))
        if not is_alone and time.monotonic() < ends_at:
            reports[delivery.pk] = send(endpoint, delivery)

    # Nothing here touches the database, whose connections belong to threads.
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        list(pool.map(attempt, deliveries))
    return reports
