"""The service's moments: whole milliseconds since 1970 in UTC, as plain numbers."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_milliseconds(moment: datetime) -> int:
    """`moment` is aware; parts of a millisecond are dropped."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds: int | None) -> datetime | None:
    """In UTC; None where the service says nothing or 0."""
    return _EPOCH + milliseconds * _MILLISECOND if milliseconds else None
