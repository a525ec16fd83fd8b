"""What is told of things: by the ids that the API knows them by, and without anything about the person."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from participants.domain.webhooks.announcing import News
from participants.models import Registration

Further = Mapping[int, dict[str, Any]]


def find_people(registrations: Collection[int], **same: Any) -> list[News]:
    """News of each of these registrations, with the same further fields. One query."""
    return find_each(dict.fromkeys(registrations, same))


def find_each(further: Further) -> list[News]:
    """News of registrations, by their ids, with further fields for each. One query."""
    rows = Registration.objects.filter(pk__in=list(further)).order_by("pk")
    known = rows.values_list("pk", "reference", "event_id", "event__slug", "organization__slug")
    return list(_tell(known, further))


def _tell(rows: Iterable[tuple[Any, ...]], further: Further) -> Iterable[News]:
    for pk, reference, event_id, event, organization in rows:
        who = {"organization": organization, "event": event, "registration": str(reference)}
        yield News(who | further[pk], event_id=event_id, registration_id=pk)
