"""Client credentials: a key for a token that stands for it for an hour."""

import base64
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from events.models import Event
from paddock.api import tokens
from paddock.api.keys import revoke
from paddock.api.models import ApiKey
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from tests.support.factories import EventFactory
from tests.support.keys import Partner, make_key

pytestmark = pytest.mark.django_db


def name_of(key: str) -> str:
    return "_".join(key.split("_")[:2])


def ask(organization: Organization, name: str, secret: str, *, form: bool = False, **fields: str) -> Any:
    data, headers = {"grant_type": "client_credentials"} | fields, {}
    if form:
        data |= {"client_id": name, "client_secret": secret}
    else:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()
    path = f"/api/v1/organizations/{organization.slug}/oauth/token/"
    client = Client(enforce_csrf_checks=True)
    return client.post(path, urlencode(data), content_type="application/x-www-form-urlencoded", headers=headers)


def get_token(organization: Organization, key: str, **fields: Any) -> str:
    answer = ask(organization, name_of(key), key, **fields)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


@pytest.mark.parametrize("form", [False, True])
def test_a_key_becomes_a_token(event: Event, form: bool) -> None:
    key = make_key(event.organization, scopes=["events:write"])
    answer = ask(event.organization, name_of(key), key, form=form)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    given = answer.json()
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 3600, "events:read events:write")
    partner = Partner(event.organization, given["access_token"])
    assert partner.patch(f"events/{event.slug}/", {"capacity": 5}).status_code == 200
    assert partner.get("participants/").status_code == 403


def test_a_token_may_be_for_less(event: Event) -> None:
    key = make_key(event.organization, scopes=["events:write", "people:read"])
    partner = Partner(event.organization, get_token(event.organization, key, scope="events:read"))
    assert partner.get("events/").status_code == 200
    assert partner.patch(f"events/{event.slug}/", {"capacity": 5}).status_code == 403
    assert partner.get("participants/").status_code == 403
    more = ask(event.organization, name_of(key), key, scope="people:write")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


def test_a_token_is_for_the_events_of_its_key(event: Event) -> None:
    with organization_scope(event.organization_id):
        other: Event = EventFactory(directory=event.directory)
    token = get_token(event.organization, make_key(event.organization, events=[other]))
    assert Partner(event.organization, token).get(f"events/{event.slug}/").status_code == 404


def test_a_token_ends_with_its_key_and_its_hour(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    key = make_key(event.organization)
    partner = Partner(event.organization, get_token(event.organization, key))
    with monkeypatch.context() as later:
        later.setattr(tokens, "SECONDS", -1)
        assert partner.get("events/").status_code == 401
    assert partner.get("events/").status_code == 200
    with organization_scope(event.organization_id):
        ApiKey.objects.update(scopes=["people:read"])
        assert partner.get("events/").status_code == 403
        revoke(key=ApiKey.objects.get())
    assert partner.get("events/").status_code == 401
    assert ask(event.organization, name_of(key), key).status_code == 401


def test_a_token_is_of_one_organization(event: Event, outside: Event) -> None:
    key = make_key(event.organization)
    token = get_token(event.organization, key)
    assert Partner(outside.organization, token).get("events/").status_code == 401
    assert ask(outside.organization, name_of(key), key).status_code == 401
    assert Partner(event.organization, token[:-1]).get("events/").status_code == 401
    assert Partner(event.organization, "pdt_").get("events/").status_code == 401


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"scope": "everything"}, 400, "invalid_scope"),
    ],
)
def test_what_cannot_be_given_is_refused_in_oauths_words(
    event: Event, fields: dict[str, str], status: int, error: str
) -> None:
    key = make_key(event.organization)
    answer = ask(event.organization, name_of(key), key, **fields)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_nothing_belongs_into_the_address(event: Event) -> None:
    answer = Client().post(f"/api/v1/organizations/{event.organization.slug}/oauth/token/?scope=x")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("form", [False, True])
def test_strangers(event: Event, form: bool) -> None:
    key, other = make_key(event.organization), make_key(event.organization)
    for name, secret in ((name_of(key), other), (name_of(key), "x"), ("", ""), ("ü", key)):
        answer = ask(event.organization, name, secret, form=form)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
