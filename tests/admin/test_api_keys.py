"""Keys for programs: made by owners, shown once, revoked at once."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from paddock.api.models import ApiKey
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import Tenant, sign_in
from tests.support.keys import Partner

ADD = "/admin/api/apikey/add/"


def add(client: Client, contoso: Tenant, **fields: Any) -> Any:
    inline = {"chosen_events-TOTAL_FORMS": 1, "chosen_events-INITIAL_FORMS": 0, "chosen_events-0-event": ""}
    body = {"name": "CRM sync", "scopes": ["people:write", "events:read"], "all_events": "on", **inline, **fields}
    return client.post(ADD, body)


def find_token(answer: Any) -> str:
    found = re.search(r"pdk_[a-z0-9]+_[\w-]+", html.unescape(answer.content.decode()))
    assert found
    return found[0]


def test_a_new_key_is_shown_once_and_works(contoso: Tenant) -> None:
    client = sign_in("owner", contoso.organization)
    answer = add(client, contoso)
    token = find_token(answer)
    assert "no-store" in answer["Cache-Control"]
    partner = Partner(contoso.organization, token)
    assert partner.get("registrations/").status_code == 200
    assert partner.get("operations/").status_code in (403, 404)
    with organization_scope(contoso.organization.pk):
        key = ApiKey.objects.get(name="CRM sync")
        assert key.last_used_at is not None
        assert token.rpartition("_")[2] not in str(vars(key))
        entry = AuditEntry.objects.latest("id")
        assert entry.action == "added the API key"
        assert key.digest not in str(entry.changes)
    for page in ("/admin/api/apikey/", f"/admin/api/apikey/{key.pk}/change/"):
        shown = client.get(page).content.decode()
        assert f"pdk_{key.prefix}_…" in shown
        assert token not in shown
        assert key.digest not in shown


def test_a_key_for_chosen_events_sees_no_other(contoso: Tenant) -> None:
    client = sign_in("owner", contoso.organization)
    chosen = {"all_events": "", "chosen_events-0-event": contoso.event.pk}
    partner = Partner(contoso.organization, find_token(add(client, contoso, **chosen)))
    assert len(partner.get("events/").json()["results"]) == 1
    nothing = Partner(contoso.organization, find_token(add(client, contoso, all_events="")))
    assert nothing.get("events/").json()["results"] == []


def test_a_revoked_key_is_refused_at_once(contoso: Tenant) -> None:
    client = sign_in("owner", contoso.organization)
    partner = Partner(contoso.organization, find_token(add(client, contoso)))
    with organization_scope(contoso.organization.pk):
        key = ApiKey.objects.get(name="CRM sync")
    assert partner.get("events/").status_code == 200
    assert client.post(f"/admin/api/apikey/{key.pk}/revoke/", {"_form_submitted": "on"}).status_code == 302
    assert partner.get("events/").status_code == 401
    assert "Revoked" in client.get("/admin/api/apikey/").content.decode()
    with organization_scope(contoso.organization.pk):
        assert AuditEntry.objects.latest("id").action == "revoked the API key"


@pytest.mark.parametrize("role", ["viewer", "organizer"])
def test_only_owners_see_keys(role: str, contoso: Tenant) -> None:
    client = sign_in(role, contoso.organization)
    assert client.get("/admin/api/apikey/").status_code == 403
    assert "/admin/api/apikey/" not in client.get("/admin/").content.decode()
    assert add(client, contoso).status_code == 403
