"""The database and the login that Paddock uses on its embedded PostgreSQL."""

import psycopg
from psycopg import sql

from paddock.launch.servers import PostgresServer

NAME = "paddock"


def ensure_database(server: PostgresServer) -> None:
    """Make the login, which can do nothing by itself, and the database, unless they are there."""
    login = sql.Identifier(NAME)
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        if not connection.execute("select from pg_roles where rolname = %s", [NAME]).rowcount:
            options = sql.SQL("login nosuperuser nocreatedb nocreaterole nobypassrls")
            connection.execute(sql.SQL("create role {} {}").format(login, options))
        if not connection.execute("select from pg_database where datname = %s", [NAME]).rowcount:
            connection.execute(sql.SQL("create database {}").format(login))
