"""The two roles that the application works as. Neither owns a table, and neither can bypass row-level security."""

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from paddock.tenancy.scope import APPLICATION_ROLE, SYSTEM_ROLE

# Roles belong to the whole cluster: several databases may be migrated at once, and the slower one finds them made.
CREATE_ROLE = """
do $$ begin
    if not exists (select from pg_roles where rolname = {name}) then
        create role {role} nologin nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
exception when duplicate_object or unique_violation then null;
end $$
"""


def create_roles(connection: BaseDatabaseWrapper, *, login: str) -> None:
    """Make the roles and let the application's login take them on. Runs as the owner."""
    with connection.cursor() as cursor:
        for role in (APPLICATION_ROLE, SYSTEM_ROLE):
            cursor.execute(sql.SQL(CREATE_ROLE).format(name=sql.Literal(role), role=sql.Identifier(role)))
            cursor.execute(
                "select not rolsuper and not pg_has_role(rolname, %s, 'member') from pg_roles where rolname = %s",
                [role, login],
            )
            row = cursor.fetchone()
            if row and row[0]:
                cursor.execute(sql.SQL("grant {} to {}").format(sql.Identifier(role), sql.Identifier(login)))


def grant_tables(connection: BaseDatabaseWrapper) -> None:
    """Let both roles work with the rows of every table there is; never with TRUNCATE, which ignores policies."""
    roles = sql.SQL(", ").join([sql.Identifier(APPLICATION_ROLE), sql.Identifier(SYSTEM_ROLE)])
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("grant usage on schema public to {}").format(roles))
        cursor.execute(
            sql.SQL("grant select, insert, update, delete on all tables in schema public to {}").format(roles)
        )
        cursor.execute(sql.SQL("grant usage on all sequences in schema public to {}").format(roles))
