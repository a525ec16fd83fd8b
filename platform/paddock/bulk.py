"""Writing many rows at once."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import Model
from psycopg import sql


def write_texts(model: type[Model], column: str, values: Mapping[int, str]) -> None:
    """Write one text column of many rows, by their ids, in one statement whose size does not grow with them."""
    statement = sql.SQL(
        "update {table} set {column} = written.value from unnest(%s::bigint[], %s::text[]) as written (id, value)"
        " where {table}.id = written.id"
    ).format(table=sql.Identifier(model._meta.db_table), column=sql.Identifier(column))
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(values), list(values.values())])
