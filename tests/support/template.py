"""A database with all tables and no rows, migrated once; every pytest-xdist worker's is a copy of it."""

from django.core.management import call_command
from django.db import connection

from paddock.launch.locks import hold_lock
from tests.support import services

NAME = "migrated"
# Pages are full of small numbers. An id that tests look for there, or take out, must be none of them.
_BEGIN_HIGH = """
select setval(oid::regclass, 100000) from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace
"""


def provide_template() -> str:
    """The database's name. The first worker makes it, while the others wait; the connection is the owner's."""
    folder = services.find_folder()
    with hold_lock(folder / f"{NAME}.lock"):
        if not (folder / NAME).exists():
            _make()
            (folder / NAME).touch()
    return NAME


def _make() -> None:
    maintenance = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"create database {NAME}")
    _connect_to(NAME)
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN_HIGH)
    _connect_to(maintenance)


def _connect_to(database: str) -> None:
    """A database that somebody is connected to cannot be copied."""
    connection.close()
    connection.settings_dict["NAME"] = database
