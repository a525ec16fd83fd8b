"""What is not one's own shows nowhere: every page, form choice, filter, search, inline and export, looked through.

Beside the organization's chosen event there is a second one, and beside the organization another; every row of theirs
bears a word that may stand on no page.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from events.models import Budget, Event, Invitation, ParticipantGroup, QuotaPolicy, Race
from paddock.tenancy.models import Membership
from paddock.tenancy.scope import organization_scope
from participants.models import Operation, Participant, Registration
from tests.admin.stage import Tenant, build_tenant, enter, page, set_steps, sign_in, write_message
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
        if name.endswith("_changelist"):
            addresses += [f"{address}?q={WORD}", f"{address}?_facets=True"]
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


def find_row(model: type[Any], tenant: Tenant) -> Any:
    with organization_scope(tenant.organization.pk):
        return next(row for row in model.objects.all() if WORD in str(row).lower())


FORMS: list[tuple[str, Callable[[Tenant], dict[str, Any]]]] = [
    ("events_participantgroup_add", lambda it: {"event": it.event.pk, "name": "Mine"}),
    ("events_race_add", lambda it: {"event": it.event.pk, "name": "Mine", "url": "https://example.com"}),
    ("events_budget_add", lambda it: {"event": it.event.pk, "amount": "5"}),
    ("events_quotapolicy_add", lambda it: {"event": it.event.pk, "minutes": "5"}),
]


@pytest.mark.parametrize(("name", "fill"), FORMS, ids=[name for name, _ in FORMS])
@pytest.mark.parametrize("whose", ["other_event", "stranger"])
def test_no_form_takes_what_it_does_not_offer(
    name: str, fill: Callable[[Tenant], dict[str, Any]], whose: str, contoso: Tenant, request: pytest.FixtureRequest
) -> None:
    tenant: Tenant = request.getfixturevalue(whose)
    organizer = sign_in("organizer", contoso.organization, events=[contoso.event])
    answer = organizer.post(reverse(f"admin:{name}"), fill(tenant))
    assert answer.status_code in {200, 403}
    if answer.status_code == 200:
        assert "event" in answer.context["adminform"].form.errors


BULK = [
    (model, action.name)
    for model, model_admin in admin.site._registry.items()
    for action in getattr(model_admin, "bulk_actions", ())
]


@pytest.mark.parametrize(("model", "action"), BULK, ids=[f"{model.__name__}-{action}" for model, action in BULK])
@pytest.mark.parametrize("whose", ["other_event", "stranger"])
def test_nothing_can_be_done_to_what_is_not_shown(
    model: type[Any], action: str, whose: str, contoso: Tenant, request: pytest.FixtureRequest
) -> None:
    tenant: Tenant = request.getfixturevalue(whose)
    with organization_scope(tenant.organization.pk):
        ids = list(model.objects.values_list("pk", flat=True))
    if whose == "other_event":
        mine = {contoso.rows[model].pk} if model in contoso.rows else set()
        with organization_scope(tenant.organization.pk):
            path = getattr(admin.site.get_model_admin(model), "event_path", None)
            ids = list(model.objects.filter(**{path: tenant.event.pk}).values_list("pk", flat=True)) if path else []
        assert not mine & set(ids)
    organizer = sign_in("organizer", contoso.organization, events=[contoso.event])
    sent = {"action": action, "_selected_action": ids, "select_across": "0"}
    answer = organizer.post(page(model, "changelist"), sent, follow=True)
    assert WORD not in read(answer).lower()
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_bulk_{action}")
    for query in ({"event": tenant.event.pk}, *({"id": each} for each in ids[:1])):
        answer = organizer.get(address, query)
        assert answer.status_code in {302, 403, 404}, query


def test_members_are_chosen_events_of_their_own_organization(contoso: Tenant, stranger: Tenant) -> None:
    owner, founder = sign_in("owner", contoso.organization), contoso.rows[Membership]
    form = {"role": "organizer", "chosen_events-TOTAL_FORMS": "1", "chosen_events-INITIAL_FORMS": "0"}
    answer = owner.post(page(founder), form | {"chosen_events-0-event": str(stranger.event.pk)})
    assert answer.status_code == 200
    assert "valid choice" in read(answer)


def test_people_of_several_events_show_their_shared_side_alone(contoso: Tenant, other_event: Tenant) -> None:
    """Ann is in both events; an organizer of one learns nothing of the other."""
    enter(other_event.event, "ann@contoso.example")
    organizer = sign_in("organizer", contoso.organization, events=[contoso.event])
    with organization_scope(contoso.organization.pk):
        ann = Participant.objects.get(email="ann@contoso.example")
        theirs = Registration.objects.get(participant=ann, event=other_event.event)
    for address in (page(ann), page(Participant, "changelist"), page(Registration, "changelist"), page(ann, "history")):
        assert WORD not in read(organizer.get(address)).lower(), address
    assert organizer.get(page(theirs)).status_code == 302
    assert organizer.get(page(Event, "add")).status_code == 403
    assert organizer.get(page(Invitation, "changelist")).status_code == 403
