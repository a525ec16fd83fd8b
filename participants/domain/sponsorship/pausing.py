"""Pausing and resuming sponsorship, and ending what runs: of one person, several or all of an event."""

from collections.abc import Collection, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from events.models import Event
from paddock.audit.recording import record
from participants.domain.operations import start_operation
from participants.domain.quotas.changing import lock_present
from participants.domain.webhooks.telling import ORGANIZER, telling_sponsorship
from participants.models import Operation, Registration


def pause(
    *, event: Event, registrations: Collection[int], actor: AbstractBaseUser | None, reason: str, title: str = ""
) -> Operation:
    """Nobody of these may train from now on. What runs already runs to its end."""
    with transaction.atomic():
        ids = _lock(event, registrations, Q(paused_at=None))
        with telling_sponsorship(registrations=ids, by=ORGANIZER):
            Registration.objects.filter(pk__in=ids).update(paused_at=timezone.now())
        return _start(event, ids, ["sponsorship"], "Pause", "paused", actor, reason, title)


def resume(
    *, event: Event, registrations: Collection[int], actor: AbstractBaseUser | None, reason: str, title: str = ""
) -> Operation:
    """These may train again, unless the event or the account is frozen: then they stay paused, and the step says so."""
    with transaction.atomic():
        ids = _lock(event, registrations, Q(paused_at__isnull=False))
        with telling_sponsorship(registrations=ids, by=ORGANIZER):
            Registration.objects.filter(pk__in=ids).update(paused_at=None)
        return _start(event, ids, ["sponsorship"], "Resume", "resumed", actor, reason, title)


def stop_training(
    *,
    event: Event,
    registrations: Collection[int],
    actor: AbstractBaseUser | None,
    reason: str,
    title: str = "",
    and_pause: bool = False,
) -> Operation:
    """End the jobs of these people that run or wait to. Unless they are paused as well, they may start new ones."""
    with transaction.atomic():
        ids = _lock(event, registrations, Q())
        if and_pause:
            with telling_sponsorship(registrations=ids, by=ORGANIZER):
                Registration.objects.filter(pk__in=ids, paused_at=None).update(paused_at=timezone.now())
        kinds = ["sponsorship", "stop"] if and_pause else ["stop"]
        words = ("Pause and stop", "paused and stopped") if and_pause else ("Stop", "stopped")
        return _start(event, ids, kinds, *words, actor, reason, title)


def _lock(event: Event, registrations: Collection[int], which: Q) -> list[int]:
    rows = lock_present(registrations).filter(which, event=event)
    return list(rows.values_list("pk", flat=True))


def _start(
    event: Event,
    ids: Sequence[int],
    kinds: Sequence[str],
    verb: str,
    past: str,
    actor: AbstractBaseUser | None,
    reason: str,
    title: str,
) -> Operation:
    racers = "1 racer" if len(ids) == 1 else f"{len(ids)} racers"
    record(actor=actor, action=f"{past} {racers}", about=event, event_id=event.pk, reason=reason)
    return start_operation(
        event=event, title=title or f"{verb} {racers}", reason=reason, actor=actor, registrations=ids, kinds=kinds
    )
