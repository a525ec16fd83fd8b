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
from tests.admin.stage import Tenant, build_tenant, enter, set_steps, sign_in, write_message
from tests.admin.test_permissions import find_addresses
from tests.support.factories import EventFactory
from tests.support.world import account_of

WORD = "zebra"


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


@pytest.fixture
def stranger(db: None) -> Tenant:
    """Of another organization."""
    tenant = build_tenant("Zebra")
    assert tenant.rows
    return tenant


def look_through(client: Client, tenant: Tenant) -> list[str]:
    """Every page of the admin that opens, with the word on it."""
    found = []
    for name, address in find_addresses(tenant).items():
        addresses = [address]
        if name.endswith("_changelist"):  # the numbers beside the filters are more than the plain page shows
            addresses = [f"{address}?_facets=True", f"{address}?q={WORD}"]
        if "_bulk_" in name:
            addresses.append(f"{address}?event={tenant.event.pk}")
        if name == "search":
            addresses = [f"{address}?s={WORD}&extended=1"]
        for each in addresses:
            answer = client.get(each)
            if answer.status_code == 200 and WORD in read(answer).replace(f"?q={WORD}", "").lower():
                found.append(each)
    return [each for each in dict.fromkeys(found) if not is_echo(client, each)]


def read(answer: Any) -> str:
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


def is_echo(client: Client, address: str) -> bool:
    """A search repeats what was searched for; another word shows whether there was more."""
    if f"q={WORD}" not in address and f"s={WORD}" not in address:
        return False
    content = read(client.get(address))
    return not any(word in content for word in ("Zebra Cup", "Zebra group", "zebra@", "Zebra Racing", "Zebra race"))


def test_chosen_events_are_all_that_shows(contoso: Tenant, other_event: Tenant) -> None:
    """To an organizer, who opens all that a viewer opens and more."""
    assert look_through(sign_in("organizer", contoso.organization, events=[contoso.event]), contoso) == []


@pytest.mark.parametrize("role", ["owner", "operator"])
def test_nothing_of_another_organization_shows(role: str, contoso: Tenant, stranger: Tenant) -> None:
    client = sign_in(role, contoso.organization)
    found = look_through(client, contoso)
    deployment = (
        "/admin/tenancy/organization",
        "/admin/tenancy/operatorsession",
        "/admin/accounts/user",
        "/admin/search",
    )
    assert [each for each in found if role != "operator" or not each.startswith(deployment)] == []
