"""Who waits for whom in the database. Its server is shared by all workers of a run, so nobody else's waiting counts."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from paddock.tenancy.scope import APPLICATION_ROLE


def find_waiting() -> int | None:
    """The server's process that waits for a lock which this connection holds."""
    with connection.cursor() as cursor:
        # Not from pg_stat_activity, which stays as it was first seen for as long as a transaction lasts.
        cursor.execute("select pid from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))")
        found = cursor.fetchone()
    return int(found[0]) if found else None


@contextmanager
def waiting_longer_than_others() -> Iterator[None]:
    """Of a deadlock, the server ends whoever looks for it first. Within the block, that is never this connection."""
    _set_patience("'60 s'")
    try:
        yield
    finally:
        _set_patience("default")


def _set_patience(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set role none; set deadlock_timeout = {value}; set role {APPLICATION_ROLE}")
