"""The trail as organizers read it: filtered, exported, within what their role shows, and quick when it is long."""

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Material
from paddock.audit.actors import Actor, Kind, acting, because
from paddock.audit.models import AuditEntry, RowChange
from paddock.audit.recording import record
from paddock.tenancy.models import Membership
from paddock.tenancy.scope import APPLICATION_ROLE, organization_scope
from tests.admin.stage import Tenant, build_tenant, page, sign_in
from tests.support.factories import EventFactory, MaterialFactory

pytestmark = pytest.mark.django_db
KEY = Actor(Kind.KEY, "Key of the intranet", credential_id=7)


@pytest.fixture
def contoso() -> Tenant:
    return build_tenant("Contoso")


@pytest.fixture
def fabrikam() -> Tenant:
    tenant = build_tenant("Fabrikam")
    write(tenant, "Fabrikam material")
    return tenant


def write(tenant: Tenant, title: str, *, request_id: str = "request-4711") -> Material:
    """A material, with the entry of who made it."""
    with organization_scope(tenant.organization.pk), acting(KEY, request_id=request_id), because("They asked"):
        material: Material = MaterialFactory(event=tenant.event, title=title)
        record(action="made a material", about=material, event_id=tenant.event.pk)
    return material


def read_list(client: Client, model: type, **filters: object) -> list[str]:
    answer = client.get(page(model, "changelist"), filters)
    assert answer.status_code == 200
    return [each.object_name for each in answer.context["cl"].result_list]


def read_csv(client: Client, model: type, **filters: object) -> list[list[str]]:
    answer = client.get(reverse(f"admin:audit_{model.__name__.lower()}_csv"), filters)
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(text)))


FILTERS = [
    ({"kind": "key"}, True),
    ({"kind": "user"}, False),
    ({"object_type": "material"}, True),
    ({"object_type": "race"}, False),
    ({"since": "2020-01-01"}, True),
    ({"until": "2020-01-01"}, False),
    ({"until": "9999-12-31"}, False),
    ({"since": "2100-01-01"}, False),
    ({"since": "the day before"}, False),
    ({"since": "2026-02-31"}, False),
    ({"who": "intranet"}, True),
    ({"who": "alice"}, False),
    ({"request": "request-4711"}, True),
    ({"request": "another"}, False),
    ({"object_type": "material", "object": "0"}, False),
    ({"object": "x"}, False),
    ({"object": "9" * 30}, False),
    ({"q": "They asked"}, True),
    ({"q": "Why"}, False),
]


@pytest.mark.parametrize("model", [AuditEntry, RowChange])
def test_filters(contoso: Tenant, fabrikam: Tenant, model: type) -> None:
    write(contoso, "First lap")
    viewer = sign_in("viewer", contoso.organization)
    for filters, found in [*FILTERS, ({"event": contoso.event.pk}, True), ({"event": fabrikam.event.pk}, False)]:
        names = read_list(viewer, model, **filters)
        assert ("First lap" in names) == found, filters
        assert "Fabrikam material" not in names
        assert [row[6] for row in read_csv(viewer, model, **filters)[1:]] == names, filters


def test_row_changes_by_what_happened(contoso: Tenant) -> None:
    material = write(contoso, "First lap")
    with organization_scope(contoso.organization.pk):
        material.delete()
    viewer = sign_in("viewer", contoso.organization)
    assert read_list(viewer, RowChange, action__exact="deleted") == ["First lap"]


def test_rows_are_told_in_words(contoso: Tenant) -> None:
    owner = sign_in("owner", contoso.organization)
    with organization_scope(contoso.organization.pk):
        contoso.registration.group = contoso.group
        contoso.registration.save()
        member = Membership.objects.earliest("id")
        member.role = "viewer"
        member.save()
        moved = RowChange.objects.get(object_type="registration", action="changed")
    told = owner.get(page(moved)).content.decode()
    assert "Contoso group" in told
    listed = owner.get(page(RowChange, "changelist")).content.decode()
    assert "group: None → Contoso group" in listed
    assert "role: Owner → Viewer" in listed


def test_an_export_disarms_and_says_all(contoso: Tenant) -> None:
    write(contoso, "=cmd()")
    rows = read_csv(sign_in("viewer", contoso.organization), RowChange, object_type="material")
    assert rows[0][:3] == ["When (UTC)", "Who", "Kind of actor"]
    (row,) = rows[1:]
    assert row[1:5] == ["Key of the intranet", "API key", "added", "material"]
    assert row[6] == "'=cmd()"
    assert row[8:] == ["They asked", "request-4711"]


def test_an_export_goes_beyond_a_piece(contoso: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paddock.audit.exports.PIECE", 2)
    for number in range(5):
        write(contoso, f"Lap {number}")
    rows = read_csv(sign_in("viewer", contoso.organization), AuditEntry)
    assert [row[6] for row in rows[1:]] == [f"Lap {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("model", [AuditEntry, RowChange])
def test_whoever_has_chosen_events_reads_of_those(contoso: Tenant, model: type) -> None:
    with organization_scope(contoso.organization.pk):
        other = EventFactory(title="Other", directory=contoso.event.directory)
    write(contoso, "Not for you")
    chosen = sign_in("organizer", contoso.organization, events=[other])
    assert "Not for you" not in read_list(chosen, model)
    assert "Not for you" not in str(read_csv(chosen, model))
    with organization_scope(contoso.organization.pk):
        row = model.objects.get(object_type="material")  # type: ignore[attr-defined]
    assert chosen.get(page(row)).status_code == 302


@pytest.mark.parametrize("role", ["viewer", "organizer"])
def test_what_owners_alone_may_see(contoso: Tenant, role: str) -> None:
    client = sign_in(role, contoso.organization)
    listed = {each.object_type for each in client.get(page(RowChange, "changelist")).context["cl"].result_list}
    assert {"event", "registration"} <= listed
    assert not listed & {"membership", "organization", "eventaccess"}
    assert "founder@" not in str(read_csv(client, RowChange))
    owner = sign_in("owner", contoso.organization)
    assert "founder@" in str(read_csv(owner, RowChange))


@pytest.mark.parametrize("what", ["changelist", "history", "change", "csv"])
def test_queries_do_not_grow(contoso: Tenant, what: str) -> None:
    client = sign_in("organizer", contoso.organization)
    material = write(contoso, "First lap")
    with organization_scope(contoso.organization.pk):
        entry = AuditEntry.objects.earliest("id")
    addresses = {
        "changelist": page(RowChange, "changelist"),
        "history": page(contoso.event, "history"),
        "change": page(entry),
        "csv": reverse("admin:audit_rowchange_csv"),
    }
    counts = []
    for number in (1, 3, 9):
        for _ in range(number):
            write(contoso, f"Lap {number}")
            with organization_scope(contoso.organization.pk):
                contoso.event.capacity = (contoso.event.capacity or 0) + 1
                contoso.event.save()
        client.get(addresses[what])
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(addresses[what])
            assert answer.status_code == 200
            b"".join(answer)
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2], material


def test_a_long_trail_opens_quickly(contoso: Tenant) -> None:
    """Its pages neither count nor sort it, nor read it to its end."""
    with organization_scope(contoso.organization.pk):
        known = {"actor_name": "Paddock", "action": "did it", "object_type": "event", "object_id": contoso.event.pk}
        AuditEntry.objects.bulk_create([AuditEntry(**known, object_name=str(each)) for each in range(20_000)])
    client = sign_in("owner", contoso.organization)
    with connection.cursor() as cursor:
        # Only the owner of a table is obeyed.
        cursor.execute(f"set role none; analyze audit_auditentry; set role {APPLICATION_ROLE}")
    client.get(page(AuditEntry, "changelist"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page(AuditEntry, "changelist")).status_code == 200
    of_trail = [each for each in queries if "audit_auditentry" in each["sql"]]
    assert of_trail
    assert not any("count(" in each["sql"].lower() for each in of_trail)
    for each in of_trail:
        plan = explain(contoso, each["sql"])
        assert "Sort" not in plan, plan
        assert "Seq Scan" not in plan, plan


def explain(tenant: Tenant, statement: str) -> str:
    with organization_scope(tenant.organization.pk), connection.cursor() as cursor:
        cursor.execute(f"explain {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())
