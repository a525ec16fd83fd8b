"""Changing an event as organizers do."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from events.models import Event
from paddock.audit.changes import compare, find_stored
from paddock.audit.recording import record


def change_event(*, event: Event, changes: Mapping[str, Any]) -> Event:
    """Write these fields. Raises Django's ValidationError, by field, for what does not go together."""
    with transaction.atomic():
        before = find_stored(event)
        for name, value in changes.items():
            setattr(event, name, value)
        event.full_clean(validate_unique=False, validate_constraints=False)
        event.save(update_fields=list(changes))
        if different := compare(before, event):
            record(action="changed the event", about=event, event_id=event.pk, changes=different)
    return event
