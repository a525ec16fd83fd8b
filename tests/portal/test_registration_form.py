from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.portal.scenes import ANN, ask, list_registrations, portal_path, stage_event
from tests.support.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def test_a_plain_post_registers_and_leads_to_the_status(client: Client) -> None:
    event = stage_event()
    answer = client.post(portal_path(event), ANN)
    assert answer.status_code == 303
    (registration,) = list_registrations(event)
    assert registration.participant.email == ANN["email"]
    assert answer.url.startswith(f"{portal_path(event)}registrations/{registration.reference.hex}:")
    assert client.get(answer.url, headers={"Accept": "text/html"}).status_code == 200


def test_htmx_is_told_to_go_there(client: Client) -> None:
    event = stage_event()
    answer = client.post(portal_path(event), ANN, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "/registrations/" in answer.headers["HX-Redirect"]


def test_the_same_person_again_comes_to_the_same_page(client: Client) -> None:
    event = stage_event()
    first = client.post(portal_path(event), ANN)
    again = client.post(portal_path(event), ANN | {"email": "ANN@contoso.example", "given_name": "Somebody"})
    assert again.url == first.url
    (registration,) = list_registrations(event)
    assert registration.participant.given_name == "Ann"


def test_an_organization_never_takes_registrations_of_another(client: Client) -> None:
    event, outsider = stage_event(slug="finals"), stage_event(slug="finals")
    stranger = OrganizationFactory()
    client.post(portal_path(event), ANN)
    assert client.post(f"/e/{stranger.slug}/finals/", ANN).status_code == 404
    assert len(list_registrations(event)) == 1
    assert list_registrations(outsider) == []


def test_answers_reach_the_registration(client: Client) -> None:
    event = stage_event()
    ask(event, key="level", kind="choice", choices=["New", "Expert"])
    ask(event, key="office", kind="choice", choices=list("abcdefg"))
    ask(event, key="food", kind="choices", choices=["Vegan", "Fish", "Meat"])
    ask(event, key="why", kind="text")
    ask(event, key="laps", kind="number")
    ask(event, key="new_to_aws", kind="yes_no")
    ask(event, key="skipped", kind="yes_no")
    typed = {
        "answers-level": "New",
        "answers-office": "g",
        "answers-food": ["Meat", "Vegan"],
        "answers-why": " Speed ",
        "answers-laps": "3.5",
        "answers-new_to_aws": "no",
    }
    assert client.post(portal_path(event), ANN | typed).status_code == 303
    (registration,) = list_registrations(event)
    assert registration.answers == {
        "level": "New",
        "office": "g",
        "food": ["Vegan", "Meat"],
        "why": "Speed",
        "laps": 3.5,
        "new_to_aws": False,
    }


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"email": ""}, "id_email", "Enter your e-mail address"),
        ({"email": "ann@"}, "id_email", "Enter your e-mail address"),
        ({"email": "ann@elsewhere.example"}, "id_email", "Use your address at contoso.example."),
        ({"given_name": " "}, "id_given_name", "Enter your name"),
        ({"family_name": "L;ee"}, "id_family_name", "A name cannot contain"),
        ({"family_name": "L" * 101}, "id_family_name", "Use at most 100 characters."),
        ({"racer_alias": "a b"}, "id_racer_alias", "letters, digits and hyphens"),
        ({"answers-level": ""}, "id_answers-level_0", "Please answer this question."),
        ({"answers-level": "Forged"}, "id_answers-level_0", "Choose one of: New, Expert."),
        ({"answers-food": ["Forged"]}, "id_answers-food_0", "Choose any of: Vegan."),
        ({"answers-laps": "many"}, "id_answers-laps", "Answer with a number."),
        ({"answers-why": "x" * 2001}, "id_answers-why", "Use at most 2000 characters"),
    ],
)
def test_errors_stand_at_their_fields_and_what_was_typed_stays(
    client: Client, typed: dict[str, Any], field: str, sentence: str
) -> None:
    event = stage_event(allowed_email_domains=["contoso.example"])
    ask(event, key="level", label="Level?", kind="choice", choices=["New", "Expert"], required=True)
    ask(event, key="food", label="Food?", kind="choices", choices=["Vegan"])
    ask(event, key="laps", label="Laps?", kind="number")
    ask(event, key="why", label="Why?", kind="text")
    answer = client.post(portal_path(event), {**ANN, "racer_alias": "ann-1", "answers-level": "Expert", **typed})
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 400
    assert page.count(sentence) == 2  # in the summary and at the field
    assert f'<a href="#{field}">' in page
    assert f'id="{field}"' in page
    assert f'id="{field.removesuffix("_0")}_error"' in page
    assert 'aria-invalid="true"' in page
    assert all(f'value="{value}"' in page for name, value in ANN.items() if name not in typed)
    assert "Please check your answers:" in page
    assert list_registrations(event) == []


@pytest.mark.parametrize(
    ("window", "sentence"),
    [
        ("not_yet_open", "Registration has not opened yet."),
        ("full", "All places are taken."),
        ("closed", "Registration is closed."),
        ("over", "This event is over."),
    ],
)
def test_a_late_form_meets_the_page_as_it_is_now(client: Client, window: str, sentence: str) -> None:
    event = stage_event(window=window)
    answer = client.post(portal_path(event), ANN)
    assert answer.status_code == 409
    assert f"{sentence} You have not been registered." in answer.content.decode()
    assert list_registrations(event) == []


def test_a_closed_event_still_knows_who_is_registered(client: Client) -> None:
    event = stage_event(capacity=1)
    first = client.post(portal_path(event), ANN)
    assert client.post(portal_path(event), ANN | {"email": "bob@contoso.example"}).status_code == 409
    assert client.post(portal_path(event), ANN).url == first.url


def test_an_event_for_signed_in_people_takes_no_form(client: Client) -> None:
    event = stage_event(requires_sign_in=True)
    answer = client.post(portal_path(event), ANN)
    assert answer.status_code == 403
    assert "Sign in to register" in answer.content.decode()
    assert list_registrations(event) == []


# In memory, because other workers empty the shared server whenever one of their tests begins.
@override_settings(REGISTRATION_RATE_PER_CLIENT="2/60", THROTTLE_URL="memory://")
def test_too_many_tries_are_told_when_to_come_back(client: Client) -> None:
    event = stage_event()
    path, address = portal_path(event), "192.0.2.77"
    answers = [client.post(path, ANN | {"email": "ann@"}, REMOTE_ADDR=address) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 61
    page = answers[2].content.decode()
    assert "Too many registrations from here." in page
    assert 'value="ann@"' in page
    assert client.post(path, ANN, REMOTE_ADDR="192.0.2.78").status_code == 303


def test_too_much_data_is_refused(client: Client) -> None:
    answer = client.post(portal_path(stage_event()), {"email": "x" * 3_000_000})
    assert answer.status_code == 400
    assert "Something in that request was off" in answer.content.decode()


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@override_settings(REGISTRATION_RATE_PER_CLIENT="100000/60", REGISTRATION_RATE_PER_ADDRESS="100000/60")
@settings(max_examples=60)
@given(
    email=st.one_of(anything, st.emails(), st.builds("a@{}.example".format, anything)),
    given_name=anything,
    family_name=anything,
    alias=anything,
    text=anything,
    number=st.one_of(anything, st.floats().map(str), st.integers().map(str)),
    choices=st.lists(anything, max_size=3),
)
def test_whatever_is_typed_is_taken_or_explained(
    client: Client,
    email: str,
    given_name: str,
    family_name: str,
    alias: str,
    text: str,
    number: str,
    choices: list[str],
) -> None:
    event = stage_event()
    ask(event, key="why", kind="text")
    ask(event, key="laps", kind="number")
    ask(event, key="food", kind="choices", choices=["Vegan"])
    typed = {
        "email": email,
        "given_name": given_name,
        "family_name": family_name,
        "racer_alias": alias,
        "answers-why": text,
        "answers-laps": number,
        "answers-food": choices,
    }
    client.raise_request_exception = True
    for _ in range(2):  # the second time meets what the first time stored
        assert client.post(portal_path(event), typed).status_code in (303, 400)


@pytest.mark.parametrize("email", ["ann@EXÄMPLE.example", "ANN@ΣΟΦΌΣ.example"])
def test_addresses_beyond_ascii_are_one_person_too(client: Client, email: str) -> None:
    event = stage_event()
    answers = [client.post(portal_path(event), ANN | {"email": email}) for _ in range(2)]
    assert [answer.status_code for answer in answers] in ([303, 303], [400, 400])
    assert len({answer.headers.get("Location") for answer in answers}) == 1
