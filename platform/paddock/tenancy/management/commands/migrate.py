from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from paddock.tenancy.ownership import owning
from paddock.tenancy.roles import create_roles, grant_tables


class Command(DjangoMigrate):
    """Django's migrate, as the owner of the tables, with the application's roles made before and granted after."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with owning(connection):
            create_roles(connection)
            super().handle(*args, **options)
            grant_tables(connection)
