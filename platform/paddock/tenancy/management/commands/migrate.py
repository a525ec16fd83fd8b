from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from paddock.audit.protection import protect_trail
from paddock.tenancy.ownership import owning
from paddock.tenancy.roles import create_roles, grant_tables


class Command(DjangoMigrate):
    """Django's migrate, as the owner of the tables, with the application's roles made before and granted after."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        connection = connections[options["database"]]
        login = connection.settings_dict["USER"]
        with owning(connection):
            create_roles(connection, login=login)
            output = super().execute(*args, **options)
            grant_tables(connection)
            protect_trail(connection)
        return output
