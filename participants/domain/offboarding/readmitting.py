"""Letting somebody in again who was removed."""

from events.models import Event
from paddock.audit.recording import record
from participants.convergence import doorbell
from participants.convergence.kinds import Purpose, list_kinds_for
from participants.domain.answers import Answer
from participants.domain.journey import owe_event_steps, plan_journey
from participants.domain.owing import owe_steps
from participants.models import Message, Registration, Step


def readmit(*, registration: Registration, event: Event, answers: dict[str, Answer]) -> None:
    """Owe somebody their journey once more. Belongs into the transaction that holds the event and found a place.

    They come back to the account where their models may still be, with the quota that they had. What a worker takes
    back at this moment comes first: convergence never works on one person in both directions.
    """
    _intend_presence(registration, answers)
    _drop_removal(registration)
    kinds = owe_event_steps(event=event)
    owe_steps(event=event, registrations=[registration.pk], kinds=_plan_return(registration, event))
    doorbell.ring(organization_id=event.organization.pk, event_id=event.pk, kinds=kinds)
    record(actor=None, action="readmitted 1 person, who registered again", about=registration, event_id=event.pk)


def _intend_presence(registration: Registration, answers: dict[str, Answer]) -> None:
    registration.removed_at = registration.paused_at = None
    registration.keeps_models = False
    registration.answers = answers
    registration.save(update_fields=["removed_at", "paused_at", "keeps_models", "answers"])


def _drop_removal(registration: Registration) -> None:
    """The mail of the first time goes, too: the step would take it for this one and send nothing."""
    undone = Step.objects.filter(registration=registration, kind__in=list_kinds_for(Purpose.TAKE))
    undone.exclude(state=Step.State.CLAIMED).delete()
    Message.objects.filter(registration=registration, announcement=None).delete()


def _plan_return(registration: Registration, event: Event) -> list[str]:
    """A multi-user racer is paused and without quota at the service, which nothing else would undo soon."""
    journey = plan_journey(registration=registration, event=event)
    return journey if "sponsorship" in journey else [*journey, "sponsorship"]
