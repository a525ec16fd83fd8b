"""Delivering: convergence over messages, one endpoint at a time.

Messages about one registration go one after the other; others do not wait for them. One run takes one batch and rings
again for the rest. An endpoint has one batch in work at a time and an organization few, and a batch lasts no longer
than a moment: that is why a server that answers slowly, or not at all, holds up nobody else.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from participants.convergence.claims import refuse_transaction, take
from participants.convergence.outcomes import Failed, Outcome, Untried
from participants.convergence.patience import Patience
from participants.convergence.sweeping import free_stale_claims
from participants.convergence.working import Manner, work_off
from participants.domain.webhooks.disabling import disable, give_up_waiting
from participants.domain.webhooks.sending import Report, send_all
from participants.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

BATCH_SIZE = 20
AT_ONCE = 4
BATCH_SECONDS = 10.0
# Of the eight threads of a worker.
BATCHES_OF_AN_ORGANIZATION = 2

MINUTE, HOUR = 60.0, 3600.0
# Seconds before each further attempt; with the first one ten, over three days.
PAUSES = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 20 * HOUR)
PATIENCE = Patience(attempts=len(PAUSES) + 1, wait=timedelta(hours=72))


class DueEndpoint(NamedTuple):
    organization_id: int
    endpoint_id: int


def deliver(*, endpoint_id: int) -> dict[int, datetime]:
    """Run one batch. Returns when each of the organization's endpoints is due next, this one last: whoever waited for
    it to end goes before it. Nothing where others are at work, who will tell when they end.
    """
    refuse_transaction()
    if _is_busy(endpoint_id):
        return {}
    endpoint = WebhookEndpoint.objects.filter(_is_open(), pk=endpoint_id).first()
    if endpoint and (deliveries := _claim(endpoint)):
        _Round(endpoint).work_off(deliveries)
    return find_next_due(last=endpoint_id)


def _claim(endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
    due = WebhookDelivery.objects.next_in_line().filter(endpoint=endpoint, due_at__lte=timezone.now())
    with transaction.atomic():
        ids = take(due, limit=BATCH_SIZE)
    return list(WebhookDelivery.objects.filter(pk__in=ids).select_related("message").order_by("pk")) if ids else []


def _is_open() -> Q:
    return Q(disabled_at=None) & (Q(rests_until=None) | Q(rests_until__lte=timezone.now()))


def _is_busy(endpoint_id: int) -> bool:
    """By claims of living workers, who renew them."""
    renewed_since = timezone.now() - timedelta(seconds=settings.CLAIM_SECONDS / 2)
    claimed = WebhookDelivery.objects.filter(state=WebhookDelivery.State.CLAIMED, claimed_at__gt=renewed_since)
    batches = set(claimed.order_by().values_list("endpoint_id", "claim").distinct())
    return len(batches) >= BATCHES_OF_AN_ORGANIZATION or any(pk == endpoint_id for pk, _ in batches)


class _Round:
    """One batch: its attempts are written down together with what became of each message."""

    patience = PATIENCE

    def __init__(self, endpoint: WebhookEndpoint) -> None:
        self._endpoint = endpoint
        self._reports: dict[int, Report] = {}

    def work_off(self, deliveries: Sequence[WebhookDelivery]) -> None:
        manner = Manner("webhook", self._send, patience=self.patience, tells=self._note, pauses=PAUSES)
        work_off(deliveries, manner)

    def _send(self, deliveries: Sequence[WebhookDelivery]) -> dict[int, Outcome]:
        self._reports = send_all(self._endpoint, deliveries, at_once=AT_ONCE, seconds=BATCH_SECONDS)
        untried = Untried(self._rests_until or timezone.now())
        return {each.pk: report.outcome if (report := self._reports.get(each.pk)) else untried for each in deliveries}

    @property
    def _rests_until(self) -> datetime | None:
        ends = [report.at + report.rest for report in self._reports.values() if report.rest]
        return max(ends, default=None)

    def _note(self, deliveries: Sequence[WebhookDelivery], outcomes: dict[int, Outcome]) -> None:
        tried = [each for each in deliveries if each.pk in self._reports]
        WebhookAttempt.objects.bulk_create([self._reports[each.pk].as_attempt(each) for each in tried])
        self._draw_conclusions([outcome for each in tried if isinstance(outcome := outcomes[each.pk], Failed)])

    def _draw_conclusions(self, given_up: Sequence[Failed]) -> None:
        if self._rests_until:
            WebhookEndpoint.objects.filter(pk=self._endpoint.pk).update(rests_until=self._rests_until)
        if given_up:
            disable(endpoint=self._endpoint, because=given_up[0].detail, actor=None)
        if WebhookEndpoint.objects.filter(pk=self._endpoint.pk, disabled_at__isnull=False).exists():
            give_up_waiting(endpoint=self._endpoint)


def deliver_test(*, delivery_id: int) -> dict[int, datetime]:
    """Once, whatever has become of the endpoint, and without consequences for it.

    Returns what `deliver` does: whoever came meanwhile took the test for work on the endpoint, and left.
    """
    refuse_transaction()
    with transaction.atomic():
        ids = take(WebhookDelivery.objects.filter(pk=delivery_id, state=WebhookDelivery.State.READY), limit=1)
    if not ids:
        return {}
    delivery = WebhookDelivery.objects.select_related("message", "endpoint").get(pk=delivery_id)
    _Test(delivery.endpoint).work_off([delivery])
    return find_next_due(last=delivery.endpoint_id)


class _Test(_Round):
    patience = Patience(attempts=1, wait=timedelta(0))

    def _draw_conclusions(self, given_up: Sequence[Failed]) -> None:
        """What a test comes to is for whoever looks at it."""


def find_next_due(*, last: int) -> dict[int, datetime]:
    waiting = WebhookDelivery.objects.next_in_line().filter(endpoint__disabled_at=None).order_by()
    rows = list(waiting.values_list("endpoint_id", "endpoint__rests_until").annotate(Min("due_at")))
    due = {pk: max(due_at, rests_until or due_at) for pk, rests_until, due_at in rows}
    return dict(sorted(due.items(), key=lambda each: each[0] == last))


def find_due_endpoints() -> list[DueEndpoint]:
    """Everything that a worker should be woken for: lost doorbells, dead workers, waits that are over."""
    free_stale_claims(WebhookDelivery)
    open_endpoints: QuerySet[WebhookEndpoint] = WebhookEndpoint.objects.filter(_is_open())
    due = WebhookDelivery.objects.next_in_line().filter(due_at__lte=timezone.now(), endpoint__in=open_endpoints)
    rows = due.order_by().values_list("organization_id", "endpoint_id").distinct()
    return [DueEndpoint(*row) for row in rows]
