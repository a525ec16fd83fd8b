"""A page that was opened for one organization saves nothing into another one."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event, ParticipantGroup
from paddock.accounts.models import User
from paddock.tenancy.models import Membership
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import Tenant, enter_as_operator, page, sign_in

HIDDEN = re.compile(r'<input type="hidden" name="(csrfmiddlewaretoken|page_organization)" value="([^"]*)">')
ADD = "/admin/events/participantgroup/add/"


def as_a_browser(client: Client) -> Client:
    """The same person, asked for the tokens of their pages."""
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = client.cookies
    return browser


def open_form(client: Client, address: str) -> dict[str, str]:
    return dict(HIDDEN.findall(client.get(address).content.decode()))


@pytest.fixture
def owner(contoso: Tenant, fabrikam: Tenant) -> Client:
    return as_a_browser(sign_in("owner", contoso.organization, fabrikam.organization))


def switch(client: Client, slug: str, **headers: str) -> int:
    form = open_form(client, "/admin/password_change/")
    answer = client.post(reverse("admin:switch_organization", args=[slug]), form, headers=headers)
    return int(answer.status_code)


def count_groups(tenant: Tenant) -> int:
    with organization_scope(tenant.organization.pk):
        return ParticipantGroup.objects.filter(name="Fast").count()


def test_what_is_sent_from_where_it_was_opened_is_saved(owner: Client, contoso: Tenant) -> None:
    form = open_form(owner, ADD)
    assert form["page_organization"] == "contoso"
    assert owner.post(ADD, form | {"name": "Fast", "event": contoso.event.pk}).status_code == 302
    assert count_groups(contoso) == 1


@pytest.mark.parametrize("kind", ["form", "list", "bulk", "delete", "dialog", "site"])
def test_an_old_tab_is_refused_in_words(kind: str, owner: Client, contoso: Tenant, fabrikam: Tenant) -> None:
    """Objects of both organizations: it is not only that the old ones are missing in the new one."""
    group = fabrikam.rows[ParticipantGroup]
    address = {
        "form": ADD,
        "list": page(Event, "changelist"),
        "bulk": reverse("admin:events_event_bulk_end_event"),
        "delete": page(group, "delete"),
        "dialog": page(fabrikam.rows[Membership], "delete"),
        "site": reverse("admin:password_change"),
    }[kind]
    form = open_form(owner, ADD)
    switch(owner, "fabrikam")
    answer = owner.post(address, form | {"name": "Fast", "event": fabrikam.event.pk, "post": "yes"})
    assert answer.status_code == 409
    content = answer.content.decode()
    assert "opened for Contoso Racing, and now you act for Fabrikam Racing" in content
    assert "Switch back to Contoso Racing" in content
    assert (count_groups(contoso), count_groups(fabrikam)) == (0, 0)


def test_whoever_switches_back_can_send_it(owner: Client, contoso: Tenant) -> None:
    form = open_form(owner, ADD)
    switch(owner, "fabrikam")
    answer = owner.post(ADD, form | {"name": "Fast", "event": contoso.event.pk})
    again = dict(HIDDEN.findall(answer.content.decode()))
    stayed = owner.post(reverse("admin:switch_organization", args=["contoso"]), again | {"stay": "yes"})
    assert "Now go back" in stayed.content.decode()
    assert owner.post(ADD, form | {"name": "Fast", "event": contoso.event.pk}).status_code == 302
    assert count_groups(contoso) == 1


@pytest.mark.parametrize("opened_in", [None, "", "nowhere", "fabrikam"])
def test_a_form_that_names_another_or_none_is_refused(opened_in: str | None, owner: Client, contoso: Tenant) -> None:
    form = open_form(owner, ADD) | {"name": "Fast", "event": str(contoso.event.pk)}
    form.pop("page_organization")
    form |= {} if opened_in is None else {"page_organization": opened_in}
    assert owner.post(ADD, form).status_code == 409
    assert count_groups(contoso) == 0


def test_a_lost_membership_leads_nothing_into_the_next_one(owner: Client, contoso: Tenant, fabrikam: Tenant) -> None:
    form = open_form(owner, ADD)
    with organization_scope(contoso.organization.pk):
        Membership.objects.filter(user__memberships__organization=contoso.organization).exclude(
            user__email__startswith="founder"
        ).delete()
    answer = owner.post(ADD, form | {"name": "Fast", "event": fabrikam.event.pk})
    assert answer.status_code == 409
    assert count_groups(fabrikam) == 0


def test_a_dialog_leads_to_a_page_that_says_it(owner: Client) -> None:
    form = open_form(owner, ADD)
    switch(owner, "fabrikam")
    answer = owner.post(ADD, form, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/admin/"
    assert "Nothing was saved" in owner.get("/admin/").content.decode()


def test_an_operators_session_that_is_over_takes_its_forms_with_it(contoso: Tenant, fabrikam: Tenant) -> None:
    client = sign_in("operator", contoso.organization)
    browser = as_a_browser(client)
    form = open_form(browser, ADD)
    enter_as_operator(client, fabrikam.organization)
    assert browser.post(ADD, form | {"name": "Fast", "event": fabrikam.event.pk}).status_code == 409
    client.post("/admin/tenancy/operatorsession/end/")
    assert browser.post(ADD, form | {"name": "Fast"}).status_code == 409
    assert User.objects.filter(is_superuser=True).exists()


def test_pages_outside_of_the_admin_carry_nothing(client: Client, contoso: Tenant) -> None:
    content = client.get(f"/e/contoso/{contoso.event.slug}/").content.decode()
    assert "csrfmiddlewaretoken" in content
    assert "page_organization" not in content
