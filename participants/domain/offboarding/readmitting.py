"""Letting people in again who were removed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from events.models import Event
from paddock.audit.recording import record
from participants.convergence import doorbell
from participants.convergence.kinds import Purpose, list_kinds_for
from participants.domain.answers import Answer
from participants.domain.journey import owe_event_steps, plan_journey
from participants.domain.offboarding.ending import count_people
from participants.domain.owing import owe_steps
from participants.models import Message, Registration, Step


@dataclass(frozen=True)
class Returner:
    """A registration that was removed, with what the person answered and how they are called this time."""

    registration: Registration
    answers: dict[str, Answer]
    alias: str


def readmit(*, event: Event, returners: Sequence[Returner]) -> None:
    """Owe people their journey once more. Belongs into the transaction that holds the event and found places.

    They come back to the account where their models may still be, with the quota that they had. What a worker takes
    back at this moment comes first: convergence never works on one person in both directions.
    """
    registrations = [each.registration for each in returners]
    _intend_presence(returners)
    _drop_removal(registrations)
    kinds = owe_event_steps(event=event)
    for journey, people in _plan_returns(registrations, event).items():
        owe_steps(event=event, registrations=people, kinds=journey)
    doorbell.ring(organization_id=event.organization.pk, event_id=event.pk, kinds=kinds)
    _record(event, registrations)


def _record(event: Event, registrations: list[Registration]) -> None:
    action = f"readmitted {count_people(len(registrations))}, who registered again"
    about = registrations[0] if len(registrations) == 1 else event
    changes = {"registrations": [None, [each.pk for each in registrations]]} if about is event else {}
    record(action=action, about=about, event_id=event.pk, changes=changes)


def _intend_presence(returners: Sequence[Returner]) -> None:
    for each in returners:
        each.registration.removed_at = each.registration.paused_at = None
        each.registration.keeps_models = False
        each.registration.answers = each.answers
    Registration.objects.bulk_update(
        [each.registration for each in returners], ["removed_at", "paused_at", "keeps_models", "answers"]
    )


def _drop_removal(registrations: Sequence[Registration]) -> None:
    """The mail of the first time goes, too: the step would take it for this one and send nothing."""
    undone = Step.objects.filter(registration__in=registrations, kind__in=list_kinds_for(Purpose.TAKE))
    undone.exclude(state=Step.State.CLAIMED).delete()
    Message.objects.filter(registration__in=registrations, announcement=None).delete()


def _plan_returns(registrations: Sequence[Registration], event: Event) -> dict[tuple[str, ...], list[int]]:
    """A multi-user racer is paused and without quota at the service, which nothing else would undo soon."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for registration in registrations:
        journey = plan_journey(registration=registration, event=event)
        found[(*journey, "sponsorship") if "sponsorship" not in journey else tuple(journey)].append(registration.pk)
    return found
