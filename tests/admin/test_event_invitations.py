"""Inviting people in the admin, from what was pasted to the list of who came."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from paddock.tenancy.scope import organization_scope
from participants.models import EventInvitation, Operation
from tests.admin.stage import Tenant, enter, page, sign_in

ADDRESS = "/admin/events/event/bulk/invite/"


def read_token(html: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', html)
    assert found, html
    return found[1]


def walk(client: Client, tenant: Tenant, addresses: str, **answers: str) -> str:
    """As far as the preview. Returns its page."""
    first = client.get(ADDRESS, {"id": tenant.event.pk}).content.decode()
    form = {"addresses": addresses, "subject": "Come to {{event}}", "body": "[Here]({{portal_url}})", **answers}
    return client.post(ADDRESS, {"token": read_token(first), "stage": "preview", **form}).content.decode()


@pytest.mark.django_db
def test_from_the_page_of_the_event_to_the_list(contoso: Tenant, fabrikam: Tenant) -> None:
    client = sign_in("organizer", contoso.organization)
    button = client.get(reverse("admin:events_event_invite", args=[contoso.event.pk]))
    assert button.url == f"{ADDRESS}?id={contoso.event.pk}"
    preview = walk(client, contoso, "new@contoso.example\nann@contoso.example\nnonsense")
    assert "new@contoso.example" in preview
    assert "Has registered already." in preview
    assert "Line 3: nonsense" in preview
    assert "Come to Contoso Cup" in preview
    answer = client.post(ADDRESS, {"token": read_token(preview), "stage": "confirm"})
    with organization_scope(contoso.organization.pk):
        assert [each.email for each in EventInvitation.objects.all()] == ["new@contoso.example"]
        assert answer.url == page(Operation.objects.get())
    enter(contoso.event, "new@contoso.example")
    addresses = [f"{page(EventInvitation, 'changelist')}?{query}" for query in ("", "answer=yes", "answer=no")]
    listed = ["new@contoso.example" in client.get(address).content.decode() for address in addresses]
    assert listed == [True, True, False]
    stranger = sign_in("owner", fabrikam.organization)
    assert "new@contoso.example" not in stranger.get(addresses[0]).content.decode()
    assert client.get(ADDRESS, {"id": fabrikam.event.pk}).status_code in (302, 404)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"body": "Come"}, "Without {{portal_url}} nobody finds the event."),
        ({"body": "{{portal_ulr}} {{portal_url}}"}, "Did you mean {{portal_url}}?"),
        ({"addresses": ""}, "This field is required."),
        ({"is_published": ""}, "is not published: the link in the mail would lead nowhere."),
    ],
)
def test_what_cannot_go_out_is_told(contoso: Tenant, answers: dict[str, str], sentence: str) -> None:
    if "is_published" in answers:
        with organization_scope(contoso.organization.pk):
            type(contoso.event).objects.update(is_published=False)
    client = sign_in("organizer", contoso.organization)
    assert sentence in walk(client, contoso, **{"addresses": "new@contoso.example", **answers})
    with organization_scope(contoso.organization.pk):
        assert not EventInvitation.objects.exists()
