"""Intent that people are absent: everybody of an event, or some of them. Convergence takes everything back."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.models import Event
from paddock.audit.recording import record
from participants.convergence.kinds import Purpose, get_kind, list_kinds_for
from participants.convergence.unblocking import unblock_steps
from participants.domain.offboarding.kinds import EVENT_KINDS, REGISTRATION_KINDS
from participants.domain.operations import start_operation
from participants.domain.owing import owe_event_steps_again
from participants.domain.webhooks.telling import tell_removed
from participants.models import Message, Operation, Registration, Step

NOT_SENT = "Not sent: the participant was removed before."


class EventHasEnded(Exception):
    """It is being taken back already; the message says so to the organizer."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"“{event}” has been ended already. Its off-boarding page shows how far it is.")


def end_event(*, event: Event, keeps_models: bool, actor: AbstractBaseUser | None, reason: str) -> Operation:
    """Take back all that the event gave to anybody. Raises EventHasEnded where that was asked for before.

    As many statements for two thousand people as for one. Whoever was removed before is not removed again.
    """
    with transaction.atomic():
        event = _lock_events([event.pk])[event.pk]
        if event.offboarding_at:
            raise EventHasEnded(event)
        now = timezone.now()
        Event.objects.filter(pk=event.pk).update(offboarding_at=now)
        people = list(Registration.objects.filter(event=event, removed_at=None).values_list("id", flat=True))
        _intend_absence(people, now, keeps_models=keeps_models)
        _drop_open_steps(Step.objects.filter(event=event))
        operation = start_operation(
            event=event,
            title=f"End “{event}”",
            reason=reason,
            actor=actor,
            registrations=people,
            kinds=REGISTRATION_KINDS,
        )
        operation.total += owe_event_steps_again(event=event, kinds=EVENT_KINDS, operation=operation)
        operation.save(update_fields=["total"])
        if not people:
            unblock_steps(event_id=event.pk, kind=get_kind(EVENT_KINDS[0]))
        record(
            actor=actor,
            action=f"ended the event for {count_people(len(people))}",
            about=event,
            event_id=event.pk,
            reason=reason,
            changes=_describe_changes(keeps_models),
        )
    return operation


def remove_participants(
    *, registrations: Iterable[Registration], keeps_models: bool, actor: AbstractBaseUser | None, reason: str
) -> list[Operation]:
    """Take back what these people were given for their events, which go on. One operation for each event.

    Whoever is removed already is passed over.
    """
    with transaction.atomic():
        ids = [registration.pk for registration in registrations]
        chosen = Registration.objects.filter(pk__in=ids)
        events = _lock_events(chosen.order_by().values_list("event", flat=True).distinct())
        people: dict[int, list[int]] = defaultdict(list)
        for event_id, pk in chosen.filter(removed_at=None).order_by("pk").values_list("event", "id"):
            people[event_id].append(pk)
        return [_remove(events[pk], found, keeps_models, actor, reason) for pk, found in people.items()]


def _remove(
    event: Event, people: list[int], keeps_models: bool, actor: AbstractBaseUser | None, reason: str
) -> Operation:
    _intend_absence(people, timezone.now(), keeps_models=keeps_models)
    _drop_open_steps(Step.objects.filter(event=event, registration__in=people))
    removed = f"{count_people(len(people))} from “{event}”"
    operation = start_operation(
        event=event,
        title=f"Remove {removed}",
        reason=reason,
        actor=actor,
        registrations=people,
        kinds=REGISTRATION_KINDS,
    )
    record(
        actor=actor,
        action=f"removed {count_people(len(people))}",
        about=event,
        event_id=event.pk,
        reason=reason,
        changes=_describe_changes(keeps_models) | {"registrations": [None, people]},
    )
    return operation


def _lock_events(ids: Iterable[int]) -> dict[int, Event]:
    """Whoever registers holds the event as well, so nobody comes in between."""
    locked = Event.objects.filter(pk__in=list(ids)).select_related("organization").order_by("pk")
    return {event.pk: event for event in locked.select_for_update(no_key=True, of=("self",))}


def _intend_absence(people: Collection[int], now: datetime, *, keeps_models: bool) -> None:
    Registration.objects.filter(pk__in=people).update(removed_at=now, keeps_models=keeps_models)
    tell_removed(registrations=people, keeps_models=keeps_models)
    Message.objects.filter(registration__in=people, state=Message.State.QUEUED).update(
        state=Message.State.FAILED, error=NOT_SENT
    )


def _drop_open_steps(steps: QuerySet[Step]) -> None:
    """Nothing more is given. What a worker has in work at this moment comes to nothing when it ends."""
    ended = [Step.State.DONE, Step.State.CLAIMED]
    steps.filter(kind__in=list_kinds_for(Purpose.GIVE)).exclude(state__in=ended).delete()


def count_people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _describe_changes(keeps_models: bool) -> dict[str, object]:
    return {"models": [None, "kept" if keeps_models else "deleted"]}
