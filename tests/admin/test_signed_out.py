"""Whoever is signed out while a page is open: the page leads to the door as a whole, and nothing that it sends is lost
without a word."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from paddock.tenancy.scope import organization_scope
from participants.models import PreflightRun
from tests.admin.stage import Tenant, page, sign_in

pytestmark = pytest.mark.django_db

DOOR = "/admin/login/?next="
SENTENCE = "Nothing was done: you were signed out meanwhile."


def quote(path: str) -> str:
    return path.replace("/", "%2F")


def test_a_part_of_a_page_leads_the_whole_page_to_the_door(contoso: Tenant) -> None:
    dashboard = page(contoso.event, "dashboard")
    part = reverse("admin:events_event_dashboard_part", args=[contoso.event.pk, "work"])
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{dashboard}"}
    answer = Client().get(part, headers=headers)
    assert answer.headers["HX-Redirect"] == f"{DOOR}{quote(dashboard)}"
    assert b"password" not in answer.content


@pytest.mark.parametrize("kind", ["form", "dialog"])
def test_what_is_sent_does_nothing_and_leads_back(kind: str, contoso: Tenant) -> None:
    client, preflight = Client(), page(contoso.event, "preflight")
    headers: dict[str, Any] = {"Referer": f"http://testserver{preflight}"}
    if kind == "dialog":
        headers = {"HX-Request": "true", "HX-Current-URL": headers["Referer"]}
    with organization_scope(contoso.organization.pk):
        before = PreflightRun.objects.count()
    answer = client.post(page(contoso.event, "preflight_start"), headers=headers)
    where = answer.headers.get("HX-Redirect") or answer.headers["Location"]
    assert where == f"{DOOR}{quote(preflight)}"
    assert SENTENCE in client.get(where).content.decode()
    with organization_scope(contoso.organization.pk):
        assert PreflightRun.objects.count() == before


def test_a_page_that_is_opened_comes_after_the_door(contoso: Tenant) -> None:
    client, address = Client(), page(contoso.event)
    assert client.get(address).headers["Location"] == f"{DOOR}{address}"
    assert SENTENCE not in client.get(f"{DOOR}{address}").content.decode()
    assert sign_in("viewer", contoso.organization).get(address).status_code == 200
