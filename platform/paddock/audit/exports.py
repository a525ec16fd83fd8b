"""The trail as a table for spreadsheets, read piece by piece: it may be long."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from paddock.audit.history import lines_of_entry
from paddock.audit.models import AuditEntry, Record, RowChange
from paddock.audit.row_words import Line, name_type, put_in_words
from paddock.csv_files import write_csv
from paddock.tenancy.scope import current_organization_id, organization_scope

HEADER = [
    *("When (UTC)", "Who", "Kind of actor", "What", "Object type", "Object id", "About"),
    *("Before → after", "Reason", "Request"),
]
PIECE = 1000


def export_trail(records: QuerySet[Any]) -> StreamingHttpResponse:
    name = str(records.model._meta.verbose_name_plural).replace(" ", "-")
    rows = _list_rows(records, current_organization_id())
    return write_csv(f"{name}-{timezone.now():%Y-%m-%d}.csv", HEADER, rows)


def _list_rows(records: QuerySet[Any], organization_id: int) -> Iterator[list[object]]:
    """The file is sent when the scope of its request has ended, so each piece enters it anew."""
    last: int | None = None
    while True:
        with organization_scope(organization_id):
            after = records if last is None else records.filter(pk__lt=last)
            piece = list(after.order_by("-pk")[:PIECE])
            rows = _describe(piece)
        yield from rows
        if len(piece) < PIECE:
            return
        last = piece[-1].pk


def _describe(piece: list[Record]) -> list[list[object]]:
    told = put_in_words(each for each in piece if isinstance(each, RowChange))
    return [_describe_one(each, told.get(each.pk) or []) for each in piece]


def _describe_one(record: Record, lines: list[Line]) -> list[object]:
    if isinstance(record, AuditEntry):
        lines = lines_of_entry(record)
    return [
        f"{record.at:%Y-%m-%d %H:%M:%S}",
        record.actor_name,
        record.get_actor_kind_display(),
        record.action,
        name_type(record.object_type),
        record.object_id,
        record.object_name,
        "; ".join(map(str, lines)),
        record.reason,
        record.request_id,
    ]
