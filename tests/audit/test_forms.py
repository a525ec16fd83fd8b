"""What people do in forms leaves an entry: which fields, from what to what, and never a secret."""

import pytest
from django.test import Client

from events.models import DirectoryConnection, Event, ParticipantGroup, Question
from paddock.audit.models import AuditEntry, RowChange
from paddock.tenancy.scope import across_tenants, organization_scope
from tests.admin.forms import read_form
from tests.admin.stage import CREDENTIAL, Tenant, build_tenant, page, sign_in
from tests.support.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def contoso() -> Tenant:
    return build_tenant("Contoso")


def send(client: Client, address: str, **changes: str) -> None:
    # The event's own words for mails are offered as a draft, which is not to be taken up here.
    answer = client.post(address, read_form(client, address) | {"mail_templates-TOTAL_FORMS": "0"} | changes)
    assert answer.status_code == 302, answer.context["errors"]


def find_entries(tenant: Tenant) -> list[AuditEntry]:
    with organization_scope(tenant.organization.pk):
        return list(AuditEntry.objects.order_by("id"))


def test_a_change_says_from_what_to_what(contoso: Tenant) -> None:
    send(sign_in("organizer", contoso.organization), page(contoso.event), title="Contoso Finals", capacity="20")
    (entry,) = find_entries(contoso)
    assert (entry.action, entry.object_name, entry.event_id) == (
        "changed the event",
        "Contoso Finals",
        contoso.event.pk,
    )
    assert entry.actor_name.endswith("@example.com")
    assert entry.changes == {"title": ["Contoso Cup", "Contoso Finals"], "capacity": [None, 20]}


def test_why_is_kept_with_the_entry_and_its_rows(contoso: Tenant) -> None:
    client = sign_in("organizer", contoso.organization)
    send(client, page(contoso.event), title="Contoso Finals", audit_reason="  The board   asked ")
    (entry,) = find_entries(contoso)
    with organization_scope(contoso.organization.pk):
        change = RowChange.objects.get(object_type="event", action="changed")
    assert entry.reason == change.reason == "The board asked"
    assert entry.request_id == change.request_id != ""
    assert change.changes["title"] == ["Contoso Cup", "Contoso Finals"]
    told = client.get(page(entry)).content.decode()
    assert "Changed: Event: Contoso Finals" in told
    history = client.get(page(contoso.event, "history")).content.decode()
    assert history.count("The board asked") == 2
    assert entry.request_id in history


def test_nothing_is_deleted_without_a_reason(contoso: Tenant) -> None:
    client = sign_in("organizer", contoso.organization)
    with organization_scope(contoso.organization.pk):
        group = ParticipantGroup.objects.create(event=contoso.event, name="Group")
    answer = client.post(page(group, "delete"), {"post": "yes", "audit_reason": " "}, follow=True)
    assert "Say why it is deleted" in answer.content.decode()
    assert find_entries(contoso) == []
    with organization_scope(contoso.organization.pk):
        assert ParticipantGroup.objects.filter(pk=group.pk).exists()


def test_a_form_that_is_saved_unchanged_says_nothing(contoso: Tenant) -> None:
    send(sign_in("organizer", contoso.organization), page(contoso.event))
    assert find_entries(contoso) == []


def test_rows_on_the_page_of_an_event_are_its_own(contoso: Tenant) -> None:
    client = sign_in("organizer", contoso.organization)
    new = {
        "questions-TOTAL_FORMS": "1",
        "questions-0-label": "Your team?",
        "questions-0-key": "team",
        "questions-0-kind": "text",
        "questions-0-position": "0",
    }
    send(client, page(contoso.event), **new)
    send(client, page(contoso.event), **{"questions-0-label": "Which team?"})
    send(client, page(contoso.event), **{"questions-0-DELETE": "on"})
    added, changed, deleted = find_entries(contoso)
    assert [entry.action for entry in (added, changed, deleted)] == [
        "added the question",
        "changed the question",
        "deleted the question",
    ]
    assert {entry.event_id for entry in (added, changed, deleted)} == {contoso.event.pk}
    assert added.changes["label"] == [None, "Your team?"]
    assert changed.changes == {"label": ["Your team?", "Which team?"]}
    assert deleted.changes["label"] == ["Which team?", None]
    with organization_scope(contoso.organization.pk):
        assert not Question.objects.exists()


def test_secrets_are_masked(contoso: Tenant) -> None:
    client, directory = sign_in("owner", contoso.organization), contoso.event.directory
    send(client, page(directory), name="Company directory", credential="brand-new-credential")
    (entry,) = find_entries(contoso)
    assert entry.changes["name"] == ["Contoso directory", "Company directory"]
    assert entry.changes["credential"] == ["••••", "•••• (new)"]
    with across_tenants("a test looks for a secret anywhere"):
        told = str(list(AuditEntry.objects.values()))
    assert CREDENTIAL not in told
    assert "brand-new" not in told


def test_a_secret_that_was_not_typed_did_not_change(contoso: Tenant) -> None:
    client, directory = sign_in("owner", contoso.organization), contoso.event.directory
    send(client, page(directory), name="Company directory")
    (entry,) = find_entries(contoso)
    assert list(entry.changes) == ["name"]


def test_members(contoso: Tenant) -> None:
    client = sign_in("owner", contoso.organization)
    with organization_scope(contoso.organization.pk):
        membership = MembershipFactory(role="viewer")
    send(client, page(membership), role="organizer")
    client.post(page(membership, "delete"), {"post": "yes", "audit_reason": "Left the company"})
    changed, deleted = find_entries(contoso)
    assert changed.changes == {"role": ["Viewer", "Organizer"]}
    assert (deleted.action, deleted.changes["role"]) == ("deleted the membership", ["Organizer", None])
    assert deleted.reason == "Left the company"


def test_whoever_may_not_open_members_does_not_read_of_them(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        other = MembershipFactory(role="viewer")
    send(sign_in("owner", contoso.organization), page(other), role="organizer")
    (entry,) = find_entries(contoso)
    viewer = sign_in("viewer", contoso.organization)
    assert "membership" not in viewer.get(page(AuditEntry, "changelist")).content.decode().split("<table")[-1]
    assert viewer.get(page(entry)).status_code == 302


def test_deleting_many_at_once(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        groups = [ParticipantGroup.objects.create(event=contoso.event, name=name) for name in ("A", "B")]
    chosen = {"action": "delete_selected", "_selected_action": [group.pk for group in groups], "post": "yes"}
    client = sign_in("organizer", contoso.organization)
    asked = client.post(page(ParticipantGroup, "changelist"), chosen)
    assert asked.status_code == 200
    assert "Say why it is deleted" in asked.content.decode()
    assert find_entries(contoso) == []
    client.post(page(ParticipantGroup, "changelist"), chosen | {"audit_reason": "Not needed"})
    entries = find_entries(contoso)
    assert [(each.action, each.object_name) for each in entries] == [
        ("deleted the participant group", "A"),
        ("deleted the participant group", "B"),
    ]
    assert {each.reason for each in entries} == {"Not needed"}


def test_an_outsider_leaves_no_trace(contoso: Tenant) -> None:
    fabrikam = build_tenant("Fabrikam")
    outsider, insider = sign_in("owner", fabrikam.organization), sign_in("owner", contoso.organization)
    typed = read_form(insider, page(contoso.event)) | {"title": "Mine now"}
    assert outsider.post(page(contoso.event), typed).status_code == 409  # it says itself whose page it was
    del typed["page_organization"]
    assert outsider.post(page(contoso.event), typed).status_code in (302, 404)
    assert outsider.post(
        page(contoso.event.directory, "delete"), {"post": "yes", "audit_reason": "Mine"}
    ).status_code in (302, 404)
    assert find_entries(contoso) == []
    assert find_entries(fabrikam) == []
    with organization_scope(contoso.organization.pk):
        assert Event.objects.get(pk=contoso.event.pk).title == "Contoso Cup"
        assert DirectoryConnection.objects.exists()


def test_the_trail_of_one_event(contoso: Tenant) -> None:
    client = sign_in("owner", contoso.organization)
    send(client, page(contoso.event), title="Contoso Finals")
    send(client, page(contoso.event.directory), name="Company directory")
    listed = client.get(page(AuditEntry, "changelist"), {"event": contoso.event.pk})
    assert [entry.object_name for entry in listed.context["cl"].result_list] == ["Contoso Finals"]
