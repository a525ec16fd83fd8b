"""The audit trail: written with what it tells, and never changed afterwards."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from paddock.audit.models import AuditEntry
from paddock.audit.recording import record
from paddock.tenancy.scope import across_tenants, organization_scope
from tests.admin.stage import Tenant, build_tenant, page, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def contoso() -> Tenant:
    return build_tenant("Contoso")


@pytest.fixture
def fabrikam() -> Tenant:
    return build_tenant("Fabrikam")


def write_entry(tenant: Tenant, **fields: object) -> AuditEntry:
    with organization_scope(tenant.organization.pk):
        details = {"action": "paused Ann", "reason": "A day off", "changes": {"paused": [False, True]}}
        return record(actor=None, about=tenant.registration, event_id=tenant.event.pk, **(details | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize("statement", ["update audit_auditentry set reason = 'none'", "delete from audit_auditentry"])
@pytest.mark.parametrize("across", [False, True])
def test_nobody_changes_an_entry(contoso: Tenant, statement: str, across: bool) -> None:
    entry = write_entry(contoso)
    scope = across_tenants("a test tries as the deployment") if across else organization_scope(contoso.organization.pk)
    with scope, pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run_sql(statement)
    with organization_scope(contoso.organization.pk):
        assert AuditEntry.objects.get().reason == entry.reason


def run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_entry_goes_with_what_it_tells(contoso: Tenant) -> None:
    with transaction.atomic():
        write_entry(contoso)
        transaction.set_rollback(True)
    with organization_scope(contoso.organization.pk):
        assert not AuditEntry.objects.exists()


def test_organizers_read_their_own_alone(contoso: Tenant, fabrikam: Tenant) -> None:
    entry = write_entry(contoso)
    write_entry(fabrikam, action="paused Fabian")
    organizer = sign_in("organizer", contoso.organization)
    listed = organizer.get(page(AuditEntry, "changelist")).content.decode()
    assert "paused Ann" in listed
    assert "paused Fabian" not in listed
    assert "False → True" in organizer.get(page(entry)).content.decode()
    assert sign_in("organizer", fabrikam.organization).get(page(entry)).status_code == 302


def test_queries_do_not_grow_with_the_trail(contoso: Tenant) -> None:
    organizer = sign_in("organizer", contoso.organization)
    organizer.get(page(AuditEntry, "changelist"))
    counts = []
    for number in (1, 3, 9):
        for _ in range(number):
            write_entry(contoso)
        with CaptureQueriesContext(connection) as queries:
            organizer.get(page(AuditEntry, "changelist"))
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]
