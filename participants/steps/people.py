"""What the steps share about the people behind them."""

from collections.abc import Sequence

from integrations.directories.protocol import Person
from participants.models import Participant, Registration, Step


def registration_of(step: Step) -> Registration:
    if step.registration is None:
        raise TypeError(f"A step “{step.kind}” belongs to a registration.")
    return step.registration


def participant_of(step: Step) -> Participant:
    return registration_of(step).participant


def person_of(step: Step) -> Person:
    participant = participant_of(step)
    return Person(participant.email, participant.given_name, participant.family_name)


def save_registrations(steps: Sequence[Step], field: str) -> None:
    """Write one field of the steps' registrations."""
    if steps:
        Registration.objects.bulk_update([registration_of(step) for step in steps], [field], batch_size=500)
