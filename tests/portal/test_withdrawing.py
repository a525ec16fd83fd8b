"""Giving up one's own place."""

import pytest
from django.test import Client

from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.models import Registration
from tests.portal.scenes import path_of, portal_path, sign_up, stage_event
from tests.support.visitors import enter

pytestmark = pytest.mark.django_db

HTML = {"Accept": "text/html"}


def is_present(registration: Registration) -> bool:
    with organization_scope(registration.organization_id):
        return Registration.objects.get(pk=registration.pk).removed_at is None


@pytest.mark.parametrize(
    ("status", "who", "may"),
    [
        ("registered", "holder", True),
        ("failed", "holder", True),
        ("preparing", "holder", False),
        ("ready", "holder", False),
        ("registered", "owner", True),
        ("ready", "owner", True),
        ("failed", "other", False),  # once it is somebody's
        ("failed", "holder of an owned one", False),
    ],
)
def test_who_may(client: Client, status: str, who: str, may: bool) -> None:
    event = stage_event()
    registration = sign_up(event, status=status)
    path = path_of(registration)
    if who in ("owner", "holder of an owned one", "other"):
        owner = client if who == "owner" else Client()
        enter(owner, event.organization)
        owner.get(portal_path(event))
    if who == "other":
        enter(client, event.organization, email="bob@contoso.example", subject="bob")
    page = client.get(path, headers=HTML).content.decode()
    assert (f'href="{path}withdraw/"' in page) is may
    assert client.get(f"{path}withdraw/").status_code == (200 if may else 404)
    assert is_present(registration)
    answer = client.post(f"{path}withdraw/")
    assert answer.status_code == (302 if may else 404)
    assert is_present(registration) is not may
    if may:
        assert "Your access is" in client.get(answer.url, headers=HTML).content.decode()
        assert client.get(f"{path}withdraw/").status_code == 404


def test_it_stands_in_the_audit_trail_and_the_place_is_free_again(client: Client) -> None:
    event = stage_event(capacity=1)
    user = enter(client, event.organization)
    client.post(portal_path(event))
    with organization_scope(event.organization_id):
        registration = Registration.objects.select_related("event__organization").get()
    client.post(f"{path_of(registration)}withdraw/")
    with organization_scope(event.organization_id):
        entry = AuditEntry.objects.get(action="removed 1 person")
    assert (entry.actor_id, entry.reason) == (user.pk, "They gave up their place themselves.")
    assert (
        Client()
        .post(portal_path(event), {"email": "bob@contoso.example", "given_name": "Bob", "family_name": "Ray"})
        .status_code
        == 303
    )


def test_foreign_missing_and_over_get_the_same_answer(client: Client) -> None:
    event, elsewhere = stage_event(), stage_event()
    over = sign_up(event)
    path = path_of(over)
    wrong = [path.replace(event.organization.slug, elsewhere.organization.slug), f"{path[:-3]}xx/", path]
    with organization_scope(event.organization_id):
        type(event).objects.filter(pk=event.pk).update(
            ends_at=event.starts_at.replace(year=2020), starts_at=event.starts_at.replace(year=2019)
        )
    answers = [client.post(f"{each}withdraw/") for each in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert client.get(path).json()["status"] == "registered"
