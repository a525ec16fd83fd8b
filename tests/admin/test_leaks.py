"""What is not one's own shows nowhere: every page, form choice, filter, search, inline and export, looked through.

Beside the organization's chosen event there is a second one, and beside the organization another; every row of theirs
bears a word that may stand on no page.
"""

from typing import Any

import pytest
from django.test import Client

from events.models import Budget, ParticipantGroup, QuotaPolicy, Race
from paddock.tenancy.scope import organization_scope
from participants.models import Operation
from tests.admin.outsiders import WORD, may_tell, tells
from tests.admin.stage import Tenant, enter, set_steps, sign_in, write_message
from tests.admin.test_permissions import find_addresses
from tests.support.factories import EventFactory
from tests.support.world import account_of

NAMES = ("Zebra Cup", "Zebra group", "zebra@", "Zebra Racing", "Zebra race")


@pytest.fixture
def other_event(contoso: Tenant) -> Tenant:
    """Of the same organization, with a row of every kind."""
    with organization_scope(contoso.organization.pk):
        event = EventFactory(
            title="Zebra Cup",
            slug="zebra-cup",
            directory=contoso.event.directory,
            sponsoring_account=account_of(contoso.event),
        )
        group = ParticipantGroup.objects.create(event=event, name="Zebra group")
        QuotaPolicy.objects.create(event=event, group=group)
        Budget.objects.create(event=event, amount=1_000_000)
        Race.objects.create(event=event, name="Zebra race", url="https://example.com")
        Operation.objects.create(event=event, title="Zebra operation")
    registration = enter(event, "zebra@contoso.example")
    set_steps(registration, "identity", state="failed", detail="Zebra reason", attempts=1)
    return Tenant("Zebra", contoso.organization, event, registration, write_message(registration))


def look_through(client: Client, addresses: list[str]) -> list[str]:
    """Those that open, and tell of others."""
    return [each for each in addresses if (answer := client.get(each)).status_code == 200 and tells_more(answer, each)]


def tells_more(answer: Any, address: str) -> bool:
    """A search repeats what was searched for, and tells more only by whole names."""
    return tells(answer, *(NAMES if f"={WORD}" in address else ()))


def list_questions(tenant: Tenant) -> list[str]:
    """What pages are asked further: searched, counted beside the filters, and opened for an event."""
    asked = []
    for name, address in find_addresses(tenant).items():
        if name.endswith("_changelist"):
            asked += [f"{address}?q={WORD}", f"{address}?_facets=True"]
        if "_bulk_" in name:
            asked.append(f"{address}?event={tenant.event.pk}")
        if name == "search":
            asked.append(f"{address}?s={WORD}&extended=1")
    return asked


def test_chosen_events_are_all_that_shows(contoso: Tenant, other_event: Tenant) -> None:
    """To an organizer, who opens all that a viewer opens and more."""
    client = sign_in("organizer", contoso.organization, events=[contoso.event])
    # A list with numbers beside its filters shows all that it shows without them.
    pages = [address for name, address in find_addresses(contoso).items() if not name.endswith("_changelist")]
    assert look_through(client, pages + list_questions(contoso)) == []


@pytest.mark.parametrize("role", ["owner", "operator"])
def test_nothing_of_another_organization_shows(role: str, contoso: Tenant, zebra: Tenant) -> None:
    """Where pages are asked; the table of roles looks at all of them as they are."""
    found = look_through(sign_in(role, contoso.organization), list_questions(contoso))
    assert [address for address in found if not may_tell(role, address)] == []
