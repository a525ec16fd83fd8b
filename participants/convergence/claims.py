"""A claim lasts as long as its worker lives: what is slow is not dead, and its mails are not sent again."""

import logging
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F, QuerySet
from django.utils import timezone

from participants.models.owed import Owed

RENEWALS_IN_A_LIFETIME = 3

logger = logging.getLogger(__name__)


def take(rows: QuerySet[Any], *, limit: int) -> list[int]:
    """Claim some of these for this worker alone, the longest due first. Returns their ids.

    Belongs into a transaction of its own, so that nothing outside is called in it.
    """
    claimable = rows.order_by("due_at", "id").select_for_update(skip_locked=True, of=("self",))
    ids = list(claimable.values_list("id", flat=True)[:limit])
    rows.model._base_manager.filter(id__in=ids).update(
        state=Owed.State.CLAIMED, claim=uuid.uuid4(), claimed_at=timezone.now(), attempts=F("attempts") + 1
    )
    return ids


def refuse_transaction() -> None:
    if connection.in_atomic_block:
        raise RuntimeError("Convergence calls providers, and so must not run inside a transaction.")


@contextmanager
def keeping_claim(rows: Sequence[Owed]) -> Iterator[None]:
    """Renew the claim on these for as long as the block runs."""
    ended = Event()
    # The context carries the tenant's scope into the thread.
    keeper = Thread(target=copy_context().run, args=(_renew_until, ended, rows), name="claim-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _renew_until(ended: Event, rows: Collection[Owed]) -> None:
    model: Any = type(next(iter(rows)))
    claims, ids = {row.claim for row in rows}, [row.pk for row in rows]
    try:
        while not ended.wait(settings.CLAIM_SECONDS / RENEWALS_IN_A_LIFETIME):
            model._base_manager.filter(id__in=ids, claim__in=claims).update(claimed_at=timezone.now())
    except DatabaseError:
        logger.warning("A claim could not be renewed; the sweep may give its steps to another worker.", exc_info=True)
    finally:
        connection.close()
