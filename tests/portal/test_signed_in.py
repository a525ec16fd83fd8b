"""An event's page for people who have signed in with their organization's provider, and for those who could."""

from typing import Any

import pytest
from django.test import Client

from paddock.tenancy.scope import organization_scope
from participants.domain.offboarding.ending import remove_participants
from tests.portal.scenes import ANN, list_registrations, path_of, portal_path, sign_up, stage_event
from tests.support.visitors import add_provider, enter

pytestmark = pytest.mark.django_db

ASK = "Ask its organizers for the way in."
BUTTON = "Sign in with your company account</a>"
FILLS = "and the form fills itself"
ALREADY = "to see where it stands"


def read(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


@pytest.mark.parametrize(
    ("window", "requires_sign_in", "has_provider", "words", "missing"),
    [
        ("open", True, True, ["Sign in to register", BUTTON], ["<form", ASK]),
        ("open", True, False, ["Sign in to register", ASK], ["<form", BUTTON]),
        ("open", False, True, ["<form", BUTTON, FILLS], [ASK]),
        ("open", False, False, ["<form"], [BUTTON]),
        ("full", True, True, ["All places are taken", BUTTON, ALREADY], ["<form"]),
        ("closed", False, True, ["Registration is closed", BUTTON, ALREADY], ["<form"]),
        ("closed", False, False, ["Your way in is in the e-mail"], [BUTTON]),
    ],
)
def test_strangers_are_offered_the_sign_in_that_there_is(
    client: Client, window: str, requires_sign_in: bool, has_provider: bool, words: list[str], missing: list[str]
) -> None:
    event = stage_event(window=window, requires_sign_in=requires_sign_in)
    add_provider(stage_event().organization)
    if has_provider:
        add_provider(event.organization)
    page = read(client, portal_path(event))
    assert [word for word in words if word not in page] == []
    assert [word for word in missing if word in page] == []
    path = f"/sign-in/{event.organization.slug}/?next=%2Fe%2F{event.organization.slug}%2F{event.slug}%2F"
    assert (path in page) is has_provider


@pytest.mark.parametrize("requires_sign_in", [True, False])
def test_form_is_filled_from_the_claims_and_cannot_be_changed(client: Client, requires_sign_in: bool) -> None:
    event = stage_event(requires_sign_in=requires_sign_in)
    user = enter(client, event.organization)
    page = read(client, portal_path(event))
    for name, value in ANN.items():
        control = page.partition(f'name="{name}"')[2].partition(">")[0]
        assert f'value="{value}"' in control
        assert "readonly" in control
    typed = {"email": "mallory@contoso.example", "given_name": "Mallory", "family_name": "Moe", "racer_alias": "ann-1"}
    assert client.post(portal_path(event), typed).status_code == 303
    (registration,) = list_registrations(event)
    participant = registration.participant
    assert (participant.email, str(participant), participant.user_id) == (ANN["email"], "Ann Lee", user.pk)


@pytest.mark.parametrize("told", ["", "L;ee", "L" * 101])
def test_a_name_that_is_missing_or_unusable_is_typed(client: Client, told: str) -> None:
    event = stage_event(requires_sign_in=True)
    enter(client, event.organization, family_name=told)
    control = read(client, portal_path(event)).partition('name="family_name"')[2].partition(">")[0]
    assert "readonly" not in control
    assert "value" not in control
    assert client.post(portal_path(event), {}).status_code == 400
    assert client.post(portal_path(event), {"family_name": "Lee"}).status_code == 303
    assert str(list_registrations(event)[0].participant) == "Ann Lee"


def test_whoever_is_registered_sees_that_and_no_form(client: Client) -> None:
    event = stage_event()
    enter(client, event.organization)
    client.post(portal_path(event))
    page = read(client, portal_path(event))
    (registration,) = list_registrations(event)
    assert "You&#x27;re registered" in page
    assert f'href="{path_of(registration)}"' in page
    assert f'href="/my-events/{event.organization.slug}/"' in page
    assert 'name="email"' not in page
    with organization_scope(event.organization_id):
        remove_participants(registrations=[registration], keeps_models=False, actor=None, reason="They left")
    assert 'name="email"' in read(client, portal_path(event))
    assert client.post(portal_path(event)).status_code == 303
    assert list_registrations(event)[0].removed_at is None


@pytest.mark.parametrize("window", ["full", "closed", "over"])
def test_whoever_is_registered_sees_that_later_too(client: Client, window: str) -> None:
    event = stage_event()
    enter(client, event.organization)
    client.post(portal_path(event))
    late = stage_event(organization=event.organization, window=window)
    with organization_scope(event.organization_id):
        registration = list_registrations(event)[0]
        registration.event = late
        registration.save()
    assert "You&#x27;re registered" in read(client, portal_path(late))


def test_a_person_of_another_organization_is_a_stranger(client: Client) -> None:
    event, elsewhere = stage_event(requires_sign_in=True), stage_event()
    optional = stage_event(organization=event.organization)
    add_provider(event.organization)
    enter(client, elsewhere.organization)
    page = read(client, portal_path(event))
    assert "Sign in to register" in page
    assert "Ann Lee" not in page
    assert client.post(portal_path(event), ANN).status_code == 403
    assert client.post(portal_path(optional), ANN | {"given_name": "Bob"}).status_code == 303
    (registration,) = list_registrations(optional)
    assert registration.participant.user_id is None
    assert registration.participant.given_name == "Bob"


def test_an_address_that_the_event_does_not_take_is_refused_in_words(client: Client) -> None:
    event = stage_event(requires_sign_in=True, allowed_email_domains=["fabrikam.example"])
    enter(client, event.organization)
    answer = client.post(portal_path(event))
    assert answer.status_code == 400
    assert answer.content.decode().count("Use your address at fabrikam.example.") == 2


def test_personal_pages_are_not_kept(client: Client) -> None:
    event = stage_event()
    assert client.get(portal_path(event)).headers["Cache-Control"] != "no-store"
    enter(client, event.organization)
    for method in (client.get, client.post):
        answer = method(portal_path(event), {"answers-none": ""})
        assert answer.status_code == 303 or answer.headers["Cache-Control"] == "no-store"
        assert "Cookie" in answer.headers["Vary"]


def test_status_leads_its_owner_to_their_events(client: Client) -> None:
    event = stage_event()
    registration = sign_up(event)
    path, html = path_of(registration), {"Accept": "text/html"}
    link = f"/my-events/{event.organization.slug}/"
    assert link not in client.get(path, headers=html).content.decode()
    for email, sees in (("bob@contoso.example", False), (ANN["email"], True)):
        someone = Client()
        enter(someone, event.organization, email=email, subject=email)
        page = someone.get(path, headers=html).content.decode()
        assert (link in page) is sees
        assert "Ann Lee" not in client.get(path, headers=html).content.decode()


@pytest.mark.parametrize("fields", [{}, {"requires_sign_in": True}])
def test_pages_of_people_allow_nothing_but_their_own_files(client: Client, fields: dict[str, Any]) -> None:
    event = stage_event(**fields)
    enter(client, event.organization)
    for path in (portal_path(event), f"/my-events/{event.organization.slug}/"):
        page = client.get(path).content.decode()
        for forbidden in ("style=", "<style", "onclick", "hx-on", "http://", "https://"):
            assert forbidden not in page
