"""Writing many rows at once, in statements whose size does not grow with them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import AutoField, Field, Model
from psycopg import sql


def write_values(model: type[Model], name: str, values: Mapping[int, Any]) -> None:
    """Write one field of many rows, by their ids."""
    field: Field[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]
    statement = sql.SQL(
        "update {table} set {column} = written.value from unnest(%s::bigint[], %s::{type}[]) as written (id, value)"
        " where {table}.id = written.id"
    ).format(table=sql.Identifier(model._meta.db_table), column=sql.Identifier(field.attname), type=_type_of(field))
    with connection.cursor() as cursor:
        cursor.execute(_write(statement), [list(values), list(values.values())])


def delete_rows(model: type[Model], ids: Sequence[int]) -> None:
    """Delete many rows, by their ids. The database refuses to where something still refers to one of them."""
    statement = sql.SQL("delete from {table} where id = any(%s::bigint[])").format(
        table=sql.Identifier(model._meta.db_table)
    )
    with connection.cursor() as cursor:
        cursor.execute(_write(statement), [list(ids)])


def upsert_rows(
    model: type[Model],
    columns: Mapping[str, Sequence[Any]],
    *,
    unique: Sequence[str],
    where: str = "",
    update: Sequence[str] = (),
    add: Sequence[str] = (),
    returning: Sequence[str] = ("id",),
) -> list[tuple[Any, ...]]:
    """Insert rows; one that is there already takes the new values of `update` and adds those of `add` to its own.

    `columns` holds the values of each column, row by row; what it does not name gets the model's default. `unique`
    names the columns of a unique index, `where` the condition of a partial one. No two of the rows may be the same by
    them. Returns the columns of `returning` of every row, in no order.
    """
    fields = [field for field in model._meta.local_concrete_fields if not isinstance(field, AutoField)]
    given = [field for field in fields if field.attname in columns]
    others = [field for field in fields if field.attname not in columns and not field.generated]
    statement = _UPSERT.format(
        table=sql.Identifier(model._meta.db_table),
        columns=_names([field.attname for field in (*given, *others)]),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(_type_of(field)) for field in given),
        defaults=sql.SQL("").join(sql.SQL(", %s::{}").format(_type_of(field)) for field in others),
        unique=_names(unique),
        where=sql.SQL(f"where {where}" if where else ""),
        changes=sql.SQL(", ").join([*map(_replace, update), *(_add(model, column) for column in add)]),
        returning=_names(returning),
    )
    defaults = [field.get_default() for field in others]
    with connection.cursor() as cursor:
        cursor.execute(_write(statement), [*defaults, *(list(columns[field.attname]) for field in given)])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


_UPSERT = sql.SQL(
    "insert into {table} ({columns}) select written.*{defaults} from unnest({arrays}) as written"
    " on conflict ({unique}) {where} do update set {changes} returning {returning}"
)


def _write(statement: sql.Composed) -> str:
    """As text, which the wrappers of Django's cursor read."""
    return statement.as_string()


def _type_of(field: "Field[Any, Any]") -> sql.SQL:
    """Without its length: a cast would cut silently what the column refuses."""
    return sql.SQL(str(field.db_type(connection)).partition("(")[0])


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _replace(column: str) -> sql.Composed:
    return sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column))


def _add(model: type[Model], column: str) -> sql.Composed:
    return sql.SQL("{0} = {1}.{0} + excluded.{0}").format(sql.Identifier(column), sql.Identifier(model._meta.db_table))
