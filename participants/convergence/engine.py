"""Convergence: claim what is due, commit, call the provider, record what became of every item, wake what waited for it.

One run takes one batch of one kind of one event. Whoever has more to do rings again and so goes to the end of the
queue: that, and a limit to the batches of one event at a time, keeps a load of thousands from holding up somebody
else's single registration.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from events.domain.lookup import load_event
from participants.convergence.claims import refuse_transaction, take
from participants.convergence.kinds import StepKind, get_kind, list_dependents
from participants.convergence.purposes import drop_void_steps, find_opposed, put_off
from participants.convergence.unblocking import find_blocked, unblock
from participants.convergence.working import work_off
from participants.models import Step

# Of the eight threads of a worker. A slow provider would otherwise come to hold them all for one event.
BATCHES_OF_AN_EVENT = 3


def converge(*, event_id: int, kind_name: str) -> dict[str, datetime]:
    """Run one batch. Returns when each kind of the event is due next; nothing where others will tell when they end."""
    kind = get_kind(kind_name)
    if count_batches_at_work(event_id) >= BATCHES_OF_AN_EVENT:
        return {}
    if steps := claim_steps(event_id=event_id, kind=kind):
        work_off(steps, kind.manner)
        _wake_dependents(event_id, kind, steps)
    return find_next_due(event_id)


def count_batches_at_work(event_id: int) -> int:
    """Claims of living workers, who renew them; a dead worker's is not counted for long."""
    renewed_since = timezone.now() - timedelta(seconds=settings.CLAIM_SECONDS / 2)
    claimed = Step.objects.filter(event_id=event_id, state=Step.State.CLAIMED, claimed_at__gt=renewed_since)
    return claimed.order_by().values("claim").distinct().count()


def claim_steps(*, event_id: int, kind: StepKind) -> list[Step]:
    """Take due steps for this worker alone and commit that, so that nothing outside is called in a transaction."""
    refuse_transaction()
    now = timezone.now()
    ready = Step.objects.filter(event_id=event_id, kind=kind.name, state=Step.State.READY)
    if opposed := find_opposed(event_id=event_id, kind=kind):
        put_off(event_id=event_id, kind=kind, opposed=opposed, now=now)
        ready = ready.exclude(opposed)
    due = ready.filter(due_at__lte=now)
    with transaction.atomic():
        chosen = ready if kind.together and due.exists() else due
        ids = take(chosen, limit=kind.batch_size)
    return drop_void_steps(kind, _load_steps(event_id, ids)) if ids else []


def _load_steps(event_id: int, ids: list[int]) -> list[Step]:
    """The steps with everything that handlers ask for. All of them share one event, which is loaded once."""
    event = load_event(event_id)
    accounts = {account.pk: account for account in event.accounts.all()}
    loaded = Step.objects.filter(id__in=ids).select_related("registration__participant", "announcement")
    steps = list(loaded.order_by("id"))
    for step in steps:
        step.event = event
        if step.registration:
            step.registration.event = event
            step.registration.account = accounts[step.registration.account_id]
    return steps


def _wake_dependents(event_id: int, kind: StepKind, steps: Collection[Step]) -> None:
    """Only the registrations of this batch can have been waiting for it; everybody waits for a step of the event."""
    registrations = [step.registration_id for step in steps if step.registration_id]
    dependents = [dependent.name for dependent in list_dependents(kind.name)]
    for blocked in find_blocked(Step.objects.filter(event_id=event_id, kind__in=dependents)):
        unblock(blocked, registrations)


def find_next_due(event_id: int) -> dict[str, datetime]:
    ready = Step.objects.filter(event_id=event_id, state=Step.State.READY).order_by()
    return dict(ready.values_list("kind").annotate(Min("due_at")))
