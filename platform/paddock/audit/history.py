"""The history of one object: what people did to it, and what the database saw of it, latest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from paddock.audit.models import AuditEntry, Record, RowChange
from paddock.audit.row_words import Line, put_in_words

SHOWN = 100


@dataclass(frozen=True)
class History:
    records: list[Record]
    lines: dict[int, list[Line]]  # by the ids of row changes
    more: bool


def read_history(obj: Model, *, events: QuerySet[Any] | None) -> History:
    """`events` limits it to those, and to what is of no event."""
    entries, changes = (_find_latest(model, obj, events) for model in (AuditEntry, RowChange))
    lines = put_in_words(changes[:SHOWN])
    records = sorted([*entries[:SHOWN], *changes[:SHOWN]], key=lambda each: each.at, reverse=True)
    return History(records, lines, more=max(len(entries), len(changes)) > SHOWN)


def _find_latest(model: Any, obj: Model, events: QuerySet[Any] | None) -> list[Any]:
    found = model.objects.filter(object_type=obj._meta.model_name, object_id=obj.pk)
    if events is not None:
        found = found.filter(Q(event_id=None) | Q(event_id__in=events))
    return list(found.order_by("-id")[: SHOWN + 1])


def describe(record: Record, history: History) -> dict[str, Any]:
    """For the page of the history."""
    by_database = isinstance(record, RowChange)
    lines = history.lines.get(record.pk, []) if isinstance(record, RowChange) else lines_of_entry(record)  # type: ignore[arg-type]
    return {
        "what": record.get_action_display() if isinstance(record, RowChange) else record.action.capitalize(),
        "who": record.actor_name,
        "when": f"{record.at:%-d %b %Y, %H:%M:%S} UTC",
        "reason": record.reason,
        "request_id": record.request_id,
        "by_database": by_database,
        "lines": lines,
    }


def lines_of_entry(entry: AuditEntry) -> list[Line]:
    return [Line(name, *pair) for name, pair in entry.changes.items()]


def link_lists(query: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Both lists of the trail, filtered alike."""
    for model, title in ((AuditEntry, "Deeds"), (RowChange, "Row changes")):
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=query)
        yield {"title": title, "href": address, "model": model}


def link_request(request: HttpRequest) -> dict[str, list[str]]:
    """What a list is filtered by, without its page."""
    return {name: request.GET.getlist(name) for name in request.GET if name not in ("p", "all", "o")}
