"""What the application's roles may not do with the trail, beside what its triggers refuse to everybody."""

from django.db.backends.base.base import BaseDatabaseWrapper

from paddock.audit.models import AuditEntry, RowChange
from paddock.tenancy.scope import APPLICATION_ROLE, SYSTEM_ROLE

# Entries are added by `record`; row changes by nobody but the triggers, which work as the owner of the tables.
FORBIDDEN = {AuditEntry: "update, delete, truncate", RowChange: "insert, update, delete, truncate"}


def protect_trail(connection: BaseDatabaseWrapper) -> None:
    """Take back what was granted on all tables. Runs as the owner."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for model, rights in FORBIDDEN.items():
            if (table := model._meta.db_table) in tables:
                cursor.execute(f"revoke {rights} on {table} from {APPLICATION_ROLE}, {SYSTEM_ROLE}")
