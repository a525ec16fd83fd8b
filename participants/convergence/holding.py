"""One worker at a time for what belongs to an event as a whole: two who look for it at once would both make it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def holding(what: str, *, event_id: int) -> Iterator[bool]:
    """Whether nobody else holds it. The database lets go of what a dead worker held.

    A step's claim is no such lock: whoever changes what is wanted takes the step from a worker that still works.
    """
    key = f"{what}:{event_id}"
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [key])
