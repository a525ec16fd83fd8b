"""Switching a connection between the application's login and the owner of the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

CREDENTIALS = ("HOST", "PORT", "USER", "PASSWORD", "OPTIONS")


@contextmanager
def owning(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Work as the owner of the tables: for migrations, and nothing else."""
    before = {key: connection.settings_dict.get(key) for key in CREDENTIALS}
    connection.close()
    become_owner(connection)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def become_owner(connection: BaseDatabaseWrapper) -> None:
    """The name of the database stays: a test database has its own."""
    owner = deepcopy(settings.DATABASE_OWNER)
    connection.settings_dict.update({key: owner.get(key) or "" for key in CREDENTIALS if key != "OPTIONS"})
    connection.settings_dict["OPTIONS"] = owner.get("OPTIONS") or {}
