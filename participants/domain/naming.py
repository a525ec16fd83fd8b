"""Setting right how a person is called."""

from collections.abc import Mapping

from django.db import transaction

from paddock.audit.changes import compare, find_stored
from paddock.audit.recording import record
from participants.domain.people import find_name_errors
from participants.models import Participant


class InvalidNames(Exception):
    """`errors` holds sentences by field."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("The names have errors.")
        self.errors = errors


def rename_participant(*, participant: Participant, names: Mapping[str, str]) -> None:
    """`given_name`, `family_name` or both, by the rules for whoever registers. Raises InvalidNames."""
    clean = {field: name.strip() for field, name in names.items()}
    if errors := {field: found for field, name in clean.items() if (found := find_name_errors(name))}:
        raise InvalidNames(errors)
    with transaction.atomic():
        before = find_stored(participant)
        for field, name in clean.items():
            setattr(participant, field, name)
        participant.save(update_fields=list(clean))
        if changes := compare(before, participant):
            record(action="changed the participant", about=participant, changes=changes)
