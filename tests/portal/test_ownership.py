"""Whose a registration is, where one address has been typed, claimed and claimed again."""

from typing import Any

import pytest
from django.test import Client

from events.models import Event
from paddock.audit.models import AuditEntry
from paddock.sso.models import IdentityProvider
from paddock.tenancy.scope import organization_scope
from participants.domain.offboarding.ending import remove_participants
from participants.models import Participant, RacerProfile, Registration
from tests.portal.scenes import ANN, list_registrations, portal_path, sign_up, stage_event
from tests.support.keys import Partner
from tests.support.visitors import enter

pytestmark = pytest.mark.django_db


def owner_of(registration: Registration) -> int | None:
    with organization_scope(registration.organization_id):
        return Participant.objects.get(pk=registration.participant_id).user_id


def mine(client: Client, event: Event) -> str:
    return client.get(f"/my-events/{event.organization.slug}/").content.decode()


def post_to_api(client: Client, event: Event, **fields: Any) -> Any:
    path = f"/api/v1/organizations/{event.organization.slug}/events/{event.slug}/registrations/"
    return client.post(path, ANN | fields, content_type="application/json")


def test_what_was_typed_before_is_theirs_once_they_sign_in(client: Client) -> None:
    event = stage_event()
    registration = sign_up(event, email="ANN@contoso.example", given_name="Anonymous")
    user = enter(client, event.organization)
    assert event.title in mine(client, event)
    assert owner_of(registration) == user.pk
    with organization_scope(event.organization_id):
        assert str(Participant.objects.get()) == "Ann Lee"
        entry = AuditEntry.objects.get(object_type="participant")
    assert (entry.actor_id, entry.action) == (user.pk, "signed in as this person for the first time")
    mine(client, event)
    with organization_scope(event.organization_id):
        assert AuditEntry.objects.filter(object_type="participant").count() == 1


def test_an_address_of_another_organization_takes_nothing(client: Client) -> None:
    event, elsewhere = stage_event(), stage_event()
    registration, theirs = sign_up(event), sign_up(elsewhere)
    user = enter(client, elsewhere.organization)
    assert client.get(f"/my-events/{event.organization.slug}/").status_code == 302
    client.get(portal_path(event))
    assert event.title not in mine(client, elsewhere)
    assert owner_of(registration) is None
    assert owner_of(theirs) == user.pk


def test_the_same_address_at_another_account_takes_nothing(client: Client) -> None:
    event = stage_event()
    first, second = Client(), Client()
    user = enter(first, event.organization)
    first.post(portal_path(event))
    enter(second, event.organization, subject="somebody-else")
    assert event.title not in mine(second, event)
    answer = second.post(portal_path(event))
    assert answer.status_code == 400
    assert answer.content.decode().count("came with this address first") == 2
    (registration,) = list_registrations(event)
    assert owner_of(registration) == user.pk


def test_an_account_of_a_provider_that_is_gone_holds_nothing(client: Client) -> None:
    """An organization that connects its provider anew has all its people come by new accounts."""
    event = stage_event()
    before = enter(client, event.organization)
    client.post(portal_path(event))
    with organization_scope(event.organization_id):
        IdentityProvider.objects.all().delete()
    after = enter(client, event.organization)
    assert after != before
    assert event.title in mine(client, event)
    (registration,) = list_registrations(event)
    assert owner_of(registration) == after.pk


def test_the_same_person_with_a_new_address_is_registered_once(client: Client) -> None:
    event = stage_event()
    enter(client, event.organization)
    client.post(portal_path(event))
    enter(client, event.organization, email="ann.ray@contoso.example", family_name="Ray")
    assert "You&#x27;re registered" in client.get(portal_path(event)).content.decode()
    assert client.post(portal_path(event)).status_code == 303
    assert len(list_registrations(event)) == 1
    assert event.title in mine(client, event)


def test_a_stranger_who_types_an_owned_address_changes_nothing(client: Client) -> None:
    event = stage_event()
    other = stage_event(organization=event.organization)
    owner = Client()
    enter(owner, event.organization)
    owner.post(portal_path(event))
    for each in (event, other):
        answer = client.post(portal_path(each), ANN | {"email": " ANN@Contoso.example ", "racer_alias": "mallory"})
        assert answer.status_code == 400
        assert "sign in with your company account to register." in answer.content.decode()
    assert list_registrations(other) == []
    with organization_scope(event.organization_id):
        assert not RacerProfile.objects.exclude(alias="").exists()


def test_programs_without_a_key_are_strangers_too(client: Client) -> None:
    event = stage_event()
    owner = Client()
    enter(owner, event.organization)
    owner.post(portal_path(event))
    answer = post_to_api(client, event)
    assert (answer.status_code, "status_url" in answer.json()) == (400, False)


def test_partners_go_on_but_change_nothing_of_whoever_has_signed_in() -> None:
    event = stage_event()
    other = stage_event(organization=event.organization)
    owner, partner = Client(), Partner(event.organization)
    user = enter(owner, event.organization)
    owner.post(portal_path(event))

    def post(to: Event, **fields: Any) -> Any:
        return partner.post(f"events/{to.slug}/registrations/", ANN | fields)

    assert post(event, given_name="Mallory").status_code == 200
    assert post(other, given_name="Mallory", racer_alias="mallory").status_code == 201
    registrations = list_registrations(event) + list_registrations(other)
    assert {str(each.participant) for each in registrations} == {"Ann Lee"}
    assert {owner_of(each) for each in registrations} == {user.pk}
    with organization_scope(event.organization_id):
        assert not RacerProfile.objects.exclude(alias="").exists()
        remove_participants(registrations=registrations, keeps_models=False, actor=None, reason="They left")
    answer = post(event)
    assert answer.status_code == 400
    assert "sign in" in answer.json()["errors"]["email"][0]
    assert list_registrations(event)[0].removed_at


def test_without_a_provider_nobody_is_sent_to_sign_in(client: Client) -> None:
    """A provider that was taken away must not keep its people out of events that take anybody."""
    event = stage_event()
    owner = Client()
    enter(owner, event.organization)
    owner.post(portal_path(event))
    with organization_scope(event.organization_id):
        IdentityProvider.objects.update(is_active=False)
    assert client.post(portal_path(event), ANN).status_code == 303
    assert "Sign in" not in client.get(portal_path(event)).content.decode()


@pytest.mark.parametrize("fields", [{"is_active": False}, {"domains": ["fabrikam.example"]}])
def test_an_organization_that_vouches_no_longer_gives_nothing(client: Client, fields: dict[str, Any]) -> None:
    event = stage_event(requires_sign_in=True)
    registration = sign_up(event)
    enter(client, event.organization)
    with organization_scope(event.organization_id):
        IdentityProvider.objects.update(**fields)
    assert client.get(f"/my-events/{event.organization.slug}/").status_code == 302
    assert client.post(portal_path(event)).status_code == 403
    assert owner_of(registration) is None
