"""What became different about a row, in words that say nothing secret."""

from datetime import date, datetime
from typing import Any

from django.db.models import Field, ForeignKey, Model

from paddock.fields import EncryptedTextField, MicroDollarField
from paddock.money import show_dollars

LONGEST = 300
OLD_SECRET, NEW_SECRET = "••••", "•••• (new)"
NOTHING: tuple[Any, ...] = (None, "", [], {})

Changes = dict[str, list[Any]]


def find_stored(row: Model) -> Model | None:
    """The row as the database has it, while a form has changed the one in memory."""
    return type(row)._base_manager.filter(pk=row.pk).first()


def compare(before: Model | None, after: Model | None) -> Changes:
    """By the names of the fields that people can change. A row that is new was nothing before."""
    row = after or before
    fields = [field for field in row._meta.concrete_fields if field.editable and not field.primary_key] if row else []
    changes = {}
    for field in fields:
        old, new = _read(before, field), _read(after, field)
        if old != new and not (old in NOTHING and new in NOTHING):
            changes[str(field.verbose_name)] = [_word(before, field, OLD_SECRET), _word(after, field, NEW_SECRET)]
    return changes


def _read(row: Model | None, field: "Field[Any, Any]") -> Any:
    value = None if row is None else field.value_from_object(row)
    # Forms know nothing shorter than a second.
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _word(row: Model | None, field: "Field[Any, Any]", secret: str) -> Any:
    value = _read(row, field)
    if row is None or value in NOTHING:
        return None
    if isinstance(field, EncryptedTextField):
        return secret
    return show_value(field, getattr(row, field.name) if isinstance(field, ForeignKey) else value)


def show_value(field: "Field[Any, Any]", value: Any) -> Any:
    """As people know it, and not too long."""
    match field:
        case MicroDollarField():
            return show_dollars(value)
        case Field(choices=choices) if choices:
            value = dict(field.flatchoices).get(value, value)
    return _shorten(value)


def _shorten(value: Any) -> Any:
    match value:
        case bool() | int() | float():
            return value
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case date():
            return value.isoformat()
        case list():
            value = ", ".join(map(str, value))
    words = str(value)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
