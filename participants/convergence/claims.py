"""A claim lasts as long as its worker lives: what is slow is not dead, and its mails are not sent again."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from participants.models import Step

RENEWALS_IN_A_LIFETIME = 3

logger = logging.getLogger(__name__)


@contextmanager
def keeping_claim(steps: Collection[Step]) -> Iterator[None]:
    """Renew the claim on these steps for as long as the block runs."""
    ended = Event()
    # The context carries the tenant's scope into the thread.
    keeper = Thread(target=copy_context().run, args=(_renew_until, ended, steps), name="claim-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _renew_until(ended: Event, steps: Collection[Step]) -> None:
    claims, ids = {step.claim for step in steps}, [step.pk for step in steps]
    try:
        while not ended.wait(settings.CLAIM_SECONDS / RENEWALS_IN_A_LIFETIME):
            Step.objects.filter(id__in=ids, claim__in=claims).update(claimed_at=timezone.now())
    except DatabaseError:
        logger.warning("A claim could not be renewed; the sweep may give its steps to another worker.", exc_info=True)
    finally:
        connection.close()
