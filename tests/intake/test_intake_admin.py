"""An event's intake in the admin: connect, try, start, see what needs a hand, try again."""

from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import pre_save
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.domain.questions import add_built_in_questions
from events.models import Event, Intake, Question
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import across_tenants, organization_scope
from participants.models import IntakeItem
from tests.admin.forms import read_form
from tests.admin.stage import sign_in
from tests.support.factories import EventFactory, OrganizationFactory
from tests.support.portals import Portal, build_portal, person
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

ODD = {"id": "odd", "mail": "odd@contoso.example"}


def address(event: Event, what: str = "") -> str:
    return reverse(f"admin:events_event_intake{what and '_' + what}", args=[event.pk])


@pytest.fixture
def portal(sandbox: Sandbox) -> Portal:
    return build_portal(sandbox, person("ann"), ODD, is_enabled=False)


def test_an_organizer_connects_a_portal(db: None) -> None:
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        event = EventFactory(organization=organization)
        add_built_in_questions(event=event)
        question = Question.objects.get(event=event, key="new_to_aws")
    client = sign_in("organizer", organization)
    assert "Connect a portal" in client.get(address(event)).content.decode()
    add = reverse("admin:events_intake_add", query={"event": event.pk})
    row = {"attribute": "newToAws", "question": str(question.pk), "words": "J = yes\nN = no"}
    form = read_form(client, add) | {"event": str(event.pk), "table_name": "Portal", "answers-TOTAL_FORMS": "1"}
    form |= {f"answers-0-{name}": value for name, value in row.items()}
    answer = client.post(add, form | {"answers-0-words": "J is yes"})
    assert "Line 1 is “J is yes”. Write it as: Y = yes" in answer.content.decode()
    answer = client.post(add, form)
    with across_tenants("a test looks at everything"):
        intake = Intake.objects.get(event=event)
        assert intake.answers.get().words == {"J": "yes", "N": "no"}
        assert AuditEntry.objects.filter(action="added the intake", event_id=event.pk).exists()
    assert answer.url == reverse("admin:events_intake_change", args=[intake.pk])
    assert intake.external_id in client.get(answer.url).content.decode()
    assert not intake.is_enabled
    again = read_form(client, answer.url)
    assert client.post(answer.url, again | {"table_name": "no such/name"}).status_code == 200
    assert client.post(answer.url, again | {"region": "Frankfurt"}).status_code == 200
    assert client.post(answer.url, again).url == address(event)


def test_saving_the_form_leaves_what_the_reader_writes_at_that_moment(portal: Portal) -> None:
    client = sign_in("organizer", portal.organization)
    change = reverse("admin:events_intake_change", args=[portal.fresh().pk])
    form = read_form(client, change) | {"full_name_attribute": "wholeName"}

    def read_on(instance: Intake, **signal: Any) -> None:
        Intake.objects.filter(pk=instance.pk).update(record_count=7)

    pre_save.connect(read_on, sender=Intake)
    try:
        assert client.post(change, form).status_code == 302
    finally:
        pre_save.disconnect(read_on, sender=Intake)
    intake = portal.fresh()
    assert (intake.full_name_attribute, intake.record_count) == ("wholeName", 7)


def test_a_try_shows_how_items_would_be_read_and_registers_nobody(portal: Portal) -> None:
    client = sign_in("organizer", portal.organization)
    page = client.post(address(portal.event, "try")).content.decode()
    assert "Ann Racer" in page
    assert "There is no “email”. The item has “id”, “mail”." in page
    assert portal.registered() == []
    portal.change(table_name="Nothing")
    page = client.post(address(portal.event, "try")).content.decode()
    assert "The table cannot be read." in page
    assert "may not read “Nothing”" in page


def test_start_read_and_try_again(portal: Portal) -> None:
    client = sign_in("organizer", portal.organization)
    assert "Paused: nothing is read." in client.get(address(portal.event)).content.decode()
    client.post(address(portal.event, "switch"), {"on": "1", "reason": "The portal is open"})
    assert portal.fresh().is_enabled
    portal.read()
    page = client.get(address(portal.event)).content.decode()
    assert "Up to date" in page
    assert "odd@contoso.example" in page  # its content is kept
    assert page.count('name="reason"') == 2  # of the switch, and of what is tried again
    with across_tenants("a test looks at everything"):
        item = IntakeItem.objects.get(state="unmapped")
    portal.change(email_attribute="mail")
    assert client.post(address(portal.event, "retry"), follow=True).content.decode().count("Choose what to try again")
    client.post(address(portal.event, "retry"), {"item": [str(item.pk), "x"], "reason": "Mapped now"})
    portal.read()
    assert portal.registered() == ["ann@contoso.example", "odd@contoso.example"]
    page = client.get(address(portal.event), {"state": "registered"}).content.decode()
    assert "Odd Odd" in page
    client.post(address(portal.event, "switch"), {"on": "0"})
    assert not portal.fresh().is_enabled
    with across_tenants("a test looks at everything"):
        entries = AuditEntry.objects.filter(object_type="intake").order_by("id")
        assert list(entries.values_list("action", "reason")) == [
            ("started reading the portal's table", "The portal is open"),
            ("tried 1 of the portal's items again", "Mapped now"),
            ("paused the reading of the portal's table", ""),
        ]


@pytest.mark.parametrize("what", ["", "standing", "try", "retry", "switch"])
def test_a_foreign_event_is_not_there(what: str, portal: Portal, sandbox: Sandbox) -> None:
    client = sign_in("owner", build_portal(sandbox).organization)
    send = client.get if what in ("", "standing") else client.post
    assert send(address(portal.event, what)).status_code == 404


def test_the_list_costs_the_same_however_long_it_is(portal: Portal) -> None:
    client = sign_in("organizer", portal.organization)
    counts, states = [], [state.value for state in IntakeItem.State if state != "registered"]
    for size in (1, 3, 12):
        portal.put(*({"id": f"odd{number}"} for number in range(size)))
        portal.change(is_enabled=True)
        portal.read()
        counts.append([count(client, address(portal.event), state) for state in ("", *states)])
    assert counts[0] == counts[1] == counts[2]


def count(client: Any, page: str, state: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page, {"state": state}).status_code == 200
    return len(queries)
