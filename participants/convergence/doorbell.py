"""Waking a worker. A doorbell carries ids only, and a lost one loses nothing: the sweep finds what is due."""

import logging
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

SILENCE_SECONDS = 5
LONGEST_COUNTDOWN_SECONDS = 60
SLOT_SECONDS = 0.5

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bell:
    """Its name keeps it from ringing twice; then there is which task comes, and what it is told."""

    name: str
    task: str
    ids: Mapping[str, Any]


def ring(*, organization_id: int, event_id: int, kinds: Iterable[str]) -> None:
    """Wake a worker for these kinds of steps as soon as the transaction is committed."""
    bells = [_bell_of_steps(organization_id, event_id, kind) for kind in kinds]
    transaction.on_commit(partial(_press_all, bells))


def ring_at(*, organization_id: int, event_id: int, kind: str, due_at: datetime) -> None:
    """Wake a worker when the time has come. Waits of more than a minute are the sweep's alone."""
    _ring_at(_bell_of_steps(organization_id, event_id, kind), due_at)


def wake(task: str, *, expires: float, **ids: int) -> None:
    """Have a worker run a task of `participants.tasks` as soon as the transaction is committed.

    Nothing may hang on it: a ring that is lost, or that expired before anybody came, is made good by the next round.
    """
    transaction.on_commit(partial(_wake, task, ids, expires))


def answer(event_id: int, kind: str) -> None:
    """Whoever comes because of the bell lets it ring again."""
    _answer(_name_bell(event_id, kind))


def ring_endpoint(*, organization_id: int | None, endpoint_id: int) -> None:
    """Wake a worker for what is owed to this endpoint as soon as the transaction is committed."""
    transaction.on_commit(partial(_press_all, [_bell_of_endpoint(organization_id, endpoint_id)]))


def ring_endpoint_at(*, organization_id: int, endpoint_id: int, due_at: datetime) -> None:
    _ring_at(_bell_of_endpoint(organization_id, endpoint_id), due_at)


def answer_endpoint(endpoint_id: int) -> None:
    _answer(_name_endpoint_bell(endpoint_id))


def _ring_at(bell: Bell, due_at: datetime) -> None:
    seconds = (due_at - timezone.now()).total_seconds()
    if seconds <= 0:
        _press_all([bell])
    elif seconds <= LONGEST_COUNTDOWN_SECONDS:
        _press_later(bell, seconds)


def _answer(name: str) -> None:
    with surviving_silence():
        cache.delete(f"{name}:now")


@contextmanager
def surviving_silence() -> Iterator[None]:
    """Without cache or broker no bell rings. What is due is stored, so that must not stop whoever stored it."""
    try:
        yield
    except (RedisError, KombuError, OSError):
        logger.warning("The broker cannot be reached; the sweep does what is due once it is back.", exc_info=True)


def _press_all(bells: Iterable[Bell]) -> None:
    """After one bell that does not ring the others are not tried: somebody waits for this."""
    with surviving_silence():
        for bell in bells:
            _press(bell)


def _press(bell: Bell) -> None:
    """A bell that rings is not pressed again: a thousand registrations are one reason to come, not a thousand."""
    if cache.add(f"{bell.name}:now", 1, timeout=SILENCE_SECONDS):
        _send(bell, seconds=0)


def _press_later(bell: Bell, seconds: float) -> None:
    """One ring a slot: it comes when the slot ends, and so for everything that is due within it."""
    now = time.time()
    slot = math.ceil((now + seconds) / SLOT_SECONDS)
    wait = slot * SLOT_SECONDS - now
    if cache.add(f"{bell.name}:slot-{slot}", 1, timeout=math.ceil(wait)):
        _send(bell, seconds=wait)


def _send(bell: Bell, *, seconds: float) -> None:
    _queue(bell.task, bell.ids, countdown=seconds)


def _wake(task: str, ids: Mapping[str, int], expires: float) -> None:
    with surviving_silence():
        _queue(task, ids, expires=expires)


def _queue(
    task: str, ids: Mapping[str, int | str], *, countdown: float | None = None, expires: float | None = None
) -> None:
    """By name, so that whoever rings imports nothing of what answers."""
    current_app.send_task(f"participants.tasks.{task}", kwargs=dict(ids), countdown=countdown, expires=expires)


def _bell_of_steps(organization_id: int, event_id: int, kind: str) -> Bell:
    ids = {"organization_id": organization_id, "event_id": event_id, "kind": kind}
    return Bell(_name_bell(event_id, kind), "converge", ids)


def _bell_of_endpoint(organization_id: int | None, endpoint_id: int) -> Bell:
    ids = {"organization_id": organization_id, "endpoint_id": endpoint_id}
    return Bell(_name_endpoint_bell(endpoint_id), "deliver_webhooks", ids)


def _name_bell(event_id: int, kind: str) -> str:
    return f"doorbell:{event_id}:{kind}"


def _name_endpoint_bell(endpoint_id: int) -> str:
    return f"doorbell:webhooks:{endpoint_id}"
