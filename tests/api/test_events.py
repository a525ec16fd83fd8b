"""Events over the API: read, changed, never overwritten unseen."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from events.models import Event
from paddock.api.models import ApiKey
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from tests.support.factories import EventFactory
from tests.support.keys import Partner
from tests.support.world import account_of

pytestmark = pytest.mark.django_db


def test_lists_the_organizations_own_events(partner: Partner, event: Event, outside: Event) -> None:
    answer = partner.get("events/")
    assert answer.status_code == 200
    assert set(answer.json()) == {"next", "previous", "results"}
    (row,) = answer.json()["results"]
    assert (row["slug"], row["title"]) == (event.slug, event.title)
    assert row["sponsoring_accounts"] == [account_of(event).account_id]
    assert row["portal_url"].endswith(f"/e/{event.organization.slug}/{event.slug}/")


@pytest.mark.parametrize("number", [1, 3, 20])
def test_queries_do_not_grow(
    partner: Partner, event: Event, number: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with organization_scope(event.organization_id):
        EventFactory.create_batch(number - 1, directory=event.directory)
    partner.get("events/")
    with django_assert_max_num_queries(4):
        assert len(partner.get("events/").json()["results"]) == number


def test_changes_what_organizers_edit(partner: Partner, event: Event) -> None:
    before = partner.get(f"events/{event.slug}/")
    answer = partner.patch(
        f"events/{event.slug}/", {"capacity": 7, "allowed_email_domains": ["@Contoso.example"]}, If_Match=before["ETag"]
    )
    assert answer.status_code == 200, answer.json()
    assert answer["ETag"] != before["ETag"]
    assert answer["ETag"] == partner.get(f"events/{event.slug}/")["ETag"]
    assert (answer.json()["capacity"], answer.json()["allowed_email_domains"]) == (7, ["contoso.example"])
    assert answer.json()["updated_at"] > before.json()["updated_at"]
    with organization_scope(event.organization_id):
        entry = AuditEntry.objects.get()
        assert entry.changes["capacity"] == [None, 7]
        assert (entry.actor_kind, entry.actor_name, entry.actor_id) == ("key", "Key “A program”", None)
        assert entry.credential_id == ApiKey.objects.get().pk


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"registration_closes_at": "2020-01-01T00:00:00Z"}, "registration_closes_at"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"capacity": -1}, "capacity"),
        ({"capacity": 10**12}, "capacity"),
        ({"title": ""}, "title"),
        ({"slug": "another"}, "slug"),
        ({"titel": "A typing error"}, "titel"),
        ({"session_minutes": 1}, "session_minutes"),
        ({"contacts": ["nobody"]}, "contacts"),
        ({"starts_at": "soon"}, "starts_at"),
    ],
)
def test_errors_name_their_field(partner: Partner, event: Event, body: dict[str, Any], field: str) -> None:
    answer = partner.patch(f"events/{event.slug}/", body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [field]
    assert answer.json()["type"] == "/api/v1/docs/#problem-invalid"


def test_a_lost_update_is_refused(partner: Partner, event: Event) -> None:
    path = f"events/{event.slug}/"
    seen = partner.get(path)["ETag"]
    assert partner.patch(path, {"title": "First"}, If_Match=seen).status_code == 200
    late = partner.patch(path, {"title": "Second"}, If_Match=seen)
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    assert partner.get(path).json()["title"] == "First"
    assert partner.patch(path, {"title": "Third"}, If_Match=f"W/{partner.get(path)['ETag']}").status_code == 412
    assert partner.patch(path, {"title": "Third"}, If_Match=f'"other", {partner.get(path)["ETag"]}').status_code == 200
    assert partner.patch(path, {"title": "Fourth"}, If_Match="*").status_code == 200


def test_what_is_known_is_not_sent_again(partner: Partner, event: Event) -> None:
    path = f"events/{event.slug}/"
    tag = partner.get(path)["ETag"]
    assert not tag.startswith("W/")
    for header in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = partner.get(path, If_None_Match=header)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    partner.patch(path, {"title": "New"})
    assert partner.get(path, If_None_Match=tag).status_code == 200


def test_only_the_fields_that_were_asked_for(partner: Partner, event: Event) -> None:
    assert partner.get("events/?fields=slug,title").json()["results"] == [{"slug": event.slug, "title": event.title}]
    assert partner.get(f"events/{event.slug}/?fields=slug").json() == {"slug": event.slug}
    for path in ("events/?fields=secret", f"events/{event.slug}/?fields=", "events/?fields=,"):
        answer = partner.get(path)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["fields"])
