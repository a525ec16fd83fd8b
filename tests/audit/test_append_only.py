"""The trail only grows: the database refuses whatever else the application asks, in either of its roles."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from events.models import DirectoryConnection, SponsoringAccount
from paddock.audit.models import AuditEntry, RowChange
from paddock.audit.protection import protect_trail
from paddock.audit.recording import record
from paddock.tenancy.models import Organization
from paddock.tenancy.roles import grant_tables
from paddock.tenancy.scope import APPLICATION_ROLE, SYSTEM_ROLE, across_tenants, organization_scope
from participants.models import RacerProfile, Step
from tests.admin.stage import Tenant, build_tenant

pytestmark = pytest.mark.django_db
TABLES = [AuditEntry._meta.db_table, RowChange._meta.db_table]
FORBIDDEN = [
    "update {table} set reason = 'none'",
    "delete from {table}",
    "truncate {table}",
    "truncate {table} cascade",
    "alter table {table} disable trigger all",
    "alter table {table} disable row level security",
    "drop trigger append_only on {table}",
    "drop table {table}",
]


@pytest.fixture
def owner() -> Iterator[psycopg.Connection]:
    """The owner of the tables, with the grants as `migrate` leaves them; nothing of it stays."""
    parameters = connection.get_connection_params() | {"options": ""}
    known = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: parameters[name] for name in known if name in parameters}) as raw:
        roles = f"{APPLICATION_ROLE}, {SYSTEM_ROLE}"
        raw.execute(f"revoke all on all tables in schema public from {roles}")
        yield raw
        raw.rollback()


class Borrowed:
    """What the granting functions need of a connection of Django's."""

    introspection = connection.introspection

    def __init__(self, raw: psycopg.Connection) -> None:
        self.cursor = raw.cursor


@pytest.mark.parametrize("role", [APPLICATION_ROLE, SYSTEM_ROLE])
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_no_role_of_the_application_may(owner: psycopg.Connection, statement: str, table: str, role: str) -> None:
    grant_tables(Borrowed(owner))  # type: ignore[arg-type]
    protect_trail(Borrowed(owner))  # type: ignore[arg-type]
    owner.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute(statement.format(table=table))


@pytest.mark.parametrize("role", [APPLICATION_ROLE, SYSTEM_ROLE])
def test_no_role_turns_triggers_off_for_a_session(owner: psycopg.Connection, role: str) -> None:
    owner.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("set session_replication_role = replica")


@pytest.fixture
def contoso() -> Tenant:
    return build_tenant("Contoso")


def test_row_changes_cannot_be_invented(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        change = RowChange.objects.first()
        assert change
        change.pk = None
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            change.save()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", FORBIDDEN[:2])
def test_even_the_owner_only_adds(owner: psycopg.Connection, statement: str, table: str) -> None:
    known = {"organization_id": 1, "actor_kind": "system", "actor_name": "x", "action": "added", "object_type": "event"}
    known |= {"object_id": 1, "object_name": "", "reason": "", "request_id": "", "changes": "{}"}
    known |= {"at": "2026-11-28"}
    names, values = map(sql.Identifier, known), map(sql.Literal, known.values())
    insert = sql.SQL("insert into {} ({}) values ({})")
    comma = sql.SQL(", ")
    owner.execute(insert.format(sql.Identifier(table), comma.join(names), comma.join(values)))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added"):
        owner.execute(statement.format(table=table))


def test_the_trail_outlives_the_event_and_the_organization(contoso: Tenant) -> None:
    event_id, organization_id = contoso.event.pk, contoso.organization.pk
    with organization_scope(organization_id):
        record(action="opened", about=contoso.event, event_id=event_id)
        Step.objects.all().delete()
        contoso.registration.delete()
        RacerProfile.objects.all().delete()
        contoso.event.delete()
    with across_tenants("a test makes a tenant go, as its operators would"):
        for model in (SponsoringAccount, DirectoryConnection):
            model.objects.filter(organization=organization_id).delete()
        contoso.organization.delete()
        assert not Organization.objects.filter(pk=organization_id).exists()
        assert AuditEntry.objects.filter(event_id=event_id, action="opened").exists()
        gone = RowChange.objects.filter(organization=organization_id, action="deleted")
        assert {"event", "organization", "membership"} <= set(gone.values_list("object_type", flat=True))
