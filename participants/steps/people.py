"""What the steps share about the people behind them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from events.models import EventAccount
from integrations.directories.protocol import Person
from paddock.bulk import write_values
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


def by_account(steps: Sequence[Step]) -> Iterable[tuple[EventAccount, list[Step]]]:
    """The steps of each sponsoring account of the event."""
    accounts = {account.pk: account for step in steps for account in [registration_of(step).account]}
    members: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        members[registration_of(step).account_id].append(step)
    return [(accounts[pk], found) for pk, found in members.items()]


def save_registrations(steps: Sequence[Step], field: str) -> None:
    """Write one field of the steps' registrations."""
    registrations = [registration_of(step) for step in steps]
    write_values(Registration, field, {each.pk: getattr(each, field) for each in registrations})
