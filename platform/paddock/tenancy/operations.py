"""The migration operation that makes a table a tenant's: policies, and foreign keys that cannot cross tenants."""

from collections.abc import Sequence
from typing import Any

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import ForeignKey, Model

from paddock.tenancy.scope import APPLICATION_ROLE, SYSTEM_ROLE

# A sub-select is evaluated once a query, and so serves as an index condition.
TENANT = "(select nullif(current_setting('paddock.organization', true), '')::bigint)"


def tenant_foreign_keys(model: type[Model]) -> list[ForeignKey[Any, Any]]:
    """The foreign keys from one tenant's row to another row of the same tenant."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey)
        and field.name != "organization"
        and any(other.name == "organization" for other in field.related_model._meta.concrete_fields)
    ]


class IsolateTenant(Operation):
    """Put a table under row-level security and tie its foreign keys to the same organization.

    Isolates the tables in the order given, so a table comes after those that it refers to.
    """

    reversible = True

    def __init__(self, *model_names: str) -> None:
        self.model_names = model_names

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, list(self.model_names), {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The tables' columns stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for name in self.model_names:
            self._isolate(to_state.apps, app_label, name, schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Dropping the table, which is the only step back from here, drops its policies and constraints."""

    def describe(self) -> str:
        return f"Isolate tenants in {', '.join(self.model_names)}"

    def _isolate(self, apps: Apps, app_label: str, name: str, editor: BaseDatabaseSchemaEditor) -> None:
        model = apps.get_model(app_label, name)
        table, owner_column = model._meta.db_table, "id" if name == "organization" else "organization_id"
        editor.execute(f"alter table {table} enable row level security")
        editor.execute(f"create policy tenant on {table} to {APPLICATION_ROLE} using ({owner_column} = {TENANT})")
        editor.execute(f"create policy everything on {table} to {SYSTEM_ROLE} using (true)")
        if name == "organization":
            return
        editor.execute(f"alter table {table} add constraint {table}_tenant unique (organization_id, id)")
        for field in tenant_foreign_keys(model):
            target = field.related_model._meta.db_table
            editor.execute(
                f"alter table {table} add constraint {table}_{field.column}_tenant"
                f" foreign key (organization_id, {field.column}) references {target} (organization_id, id)"
                " deferrable initially deferred"
            )


class ForbidChanges(Operation):
    """Rows of this table are only ever added: the database refuses to change or delete one, whoever asks."""

    reversible = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.model_name], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The table's columns stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        schema_editor.execute(
            f"create function {table}_is_append_only() returns trigger language plpgsql as $$ begin"
            f" raise exception 'Rows of {table} are only ever added.' using errcode = 'insufficient_privilege';"
            " end $$"
        )
        schema_editor.execute(
            f"create trigger append_only before update or delete on {table}"
            f" for each row execute function {table}_is_append_only()"
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        schema_editor.execute(f"drop function {table}_is_append_only() cascade")

    def describe(self) -> str:
        return f"Only ever add to {self.model_name}"


class KeepUpdateTime(Operation):
    """A row's `updated_at` moves whenever the row changes, whoever changes it and in however many rows at once.

    What only `ignoring` names became different is no change.
    """

    reversible = True

    def __init__(self, model_name: str, *, ignoring: Sequence[str] = ()) -> None:
        self.model_name = model_name
        self.ignoring = ignoring

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.model_name], {"ignoring": self.ignoring} if self.ignoring else {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The table's columns stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        ignored = {"id", "updated_at", *self.ignoring}
        columns = [
            field.column for field in model._meta.concrete_fields if field.name not in ignored and not field.generated
        ]
        schema_editor.execute(_KEEP_TIME)
        old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("old", "new"))
        schema_editor.execute(
            f"create trigger keep_update_time before update on {model._meta.db_table} for each row"
            f" when (({old}) is distinct from ({new})) execute function paddock_keep_update_time()"
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        schema_editor.execute(f"drop trigger keep_update_time on {table}")

    def describe(self) -> str:
        return f"Keep the time of the last change of {self.model_name}"


# The clock's time and not the transaction's, so that two changes in one transaction differ.
_KEEP_TIME = (
    "create or replace function paddock_keep_update_time() returns trigger language plpgsql as $$"
    " begin new.updated_at := clock_timestamp(); return new; end $$"
)
