"""The registration API: the portal's door, for programs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from events.models import Event, Question
from paddock.tenancy.scope import organization_scope
from participants.models import Participant, Registration
from tests.support.factories import EventFactory, OrganizationFactory, QuestionFactory

pytestmark = pytest.mark.django_db

ANN = {"email": "Ann@Contoso.example", "given_name": "Ann", "family_name": "Lee"}


@pytest.fixture
def event() -> Event:
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        event: Event = EventFactory(organization=organization)
    return event


def address(event: Event) -> str:
    return f"/api/v1/organizations/{event.organization.slug}/events/{event.slug}/registrations/"


def post(client: Client, event: Event, **body: Any) -> Any:
    return client.post(address(event), json.dumps(ANN | body), content_type="application/json")


def change(event: Event, **fields: Any) -> None:
    with organization_scope(event.organization_id):
        Event.objects.filter(pk=event.pk).update(**fields)


def count(event: Event) -> int:
    with organization_scope(event.organization_id):
        return Registration.objects.filter(event=event).count()


def test_registers_and_tells_where_to_look(client: Client, event: Event) -> None:
    response = post(client, event)
    assert response.status_code == 201
    assert set(response.json()) == {"id", "status", "status_url"}
    assert response.json()["status"] == "registered"
    status = client.get(response.json()["status_url"]).json()
    assert status["status"] == "registered"
    assert status["access_url"] is None
    assert [step["name"] for step in status["steps"]] == ["identity", "membership", "push", "access", "welcome"]
    assert {step["state"] for step in status["steps"]} == {"working", "waiting"}
    assert "ann" not in json.dumps(status).lower()
    with organization_scope(event.organization_id):
        assert Participant.objects.get().email == "Ann@Contoso.example"


@pytest.mark.parametrize("email", ["Ann@Contoso.example", "ann@contoso.example", " ANN@CONTOSO.EXAMPLE "])
def test_same_person_gets_the_same_registration(client: Client, event: Event, email: str) -> None:
    first = post(client, event).json()
    second = post(client, event, email=email, given_name="Mallory", answers={})
    assert second.status_code == 200
    assert second.json()["id"] == first["id"]
    assert count(event) == 1
    with organization_scope(event.organization_id):
        assert Participant.objects.get().given_name == "Ann"


def test_letters_that_python_and_postgresql_lower_differently(client: Client, event: Event) -> None:
    assert [post(client, event, email="ann@İstanbul.example").status_code for _ in range(2)] == [201, 200]


def test_same_person_still_finds_the_registration_when_the_event_is_full(client: Client, event: Event) -> None:
    change(event, capacity=1)
    assert post(client, event).status_code == 201
    assert post(client, event, email="late@contoso.example").status_code == 409
    assert post(client, event).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": ""}, "email"),
        ({"email": None}, "email"),
        ({"email": "a" * 250 + "@contoso.example"}, "email"),
        ({"email": "ann@elsewhere.example"}, "email"),
        ({"given_name": "  "}, "given_name"),
        ({"given_name": "<b>Ann"}, "given_name"),
        ({"family_name": "Lee\nBcc: x@y.z"}, "family_name"),
        ({"family_name": "L" * 101}, "family_name"),
        ({"racer_alias": "no spaces"}, "racer_alias"),
        ({"answers": "none"}, "answers"),
        ({"answers": {"level": "unheard of"}}, "answers"),
        ({"answers": {"unasked": 1}}, "answers"),
    ],
)
def test_errors_name_their_field(client: Client, event: Event, body: dict[str, Any], field: str) -> None:
    change(event, allowed_email_domains=["contoso.example"])
    with organization_scope(event.organization_id):
        QuestionFactory(event=event, key="level", kind=Question.Kind.CHOICE, choices=["New", "Old"])
    response = post(client, event, **body)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert list(response.json()["errors"]) == [field]
    assert count(event) == 0


@pytest.mark.parametrize(
    ("kind", "answer", "stored"),
    [
        (Question.Kind.CHOICE, "One", "One"),
        (Question.Kind.CHOICES, ["Two", "One", "Two"], ["One", "Two"]),
        (Question.Kind.TEXT, " words ", "words"),
        (Question.Kind.NUMBER, 3, 3),
        (Question.Kind.NUMBER, "2.5", 2.5),
        (Question.Kind.YES_NO, True, True),
        (Question.Kind.YES_NO, "No", False),
    ],
)
def test_answers_of_every_kind_are_kept(client: Client, event: Event, kind: str, answer: Any, stored: Any) -> None:
    with organization_scope(event.organization_id):
        QuestionFactory(event=event, key="asked", kind=kind, choices=["One", "Two"], required=True)
    assert post(client, event, answers={"asked": answer}).status_code == 201
    with organization_scope(event.organization_id):
        assert Registration.objects.get().answers == {"asked": stored}


@pytest.mark.parametrize("kind", Question.Kind.values)
@pytest.mark.parametrize("answer", [None, "", [], {}, 1e400, -1, [1], [["One"]], {"a": 1}, "x" * 2001, False])
def test_odd_answers_are_refused_or_kept_and_never_break(client: Client, event: Event, kind: str, answer: Any) -> None:
    with organization_scope(event.organization_id):
        QuestionFactory(event=event, key="asked", kind=kind, choices=["One", "Two"])
    assert post(client, event, answers={"asked": answer}).status_code in (201, 400)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=6,
)


@given(body=st.dictionaries(st.sampled_from([*ANN, "answers", "racer_alias", "else"]), json_values) | json_values)
@hypothesis_settings(max_examples=150)
def test_any_json_gets_a_clear_answer(client: Client, event: Event, body: Any) -> None:
    body = {**ANN, **body} if isinstance(body, dict) else body
    response = client.post(address(event), json.dumps(body), content_type="application/json")
    assert response.status_code in (200, 201, 400)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "[" * 100_000, '{"email": "\\ud800"}', '{"answers": {"\\u0000": 1}}', "\xff"]
)
def test_broken_bodies_get_a_problem(client: Client, event: Event, body: str) -> None:
    response = client.post(address(event), body.encode("latin-1"), content_type="application/json")
    assert response.status_code == 400
    assert response.json()["status"] == 400


def test_a_text_about_nul_is_a_text(client: Client, event: Event) -> None:
    assert (
        client.post(address(event), ANN | {"given_name": "\\u0000"}, content_type="application/json").status_code == 201
    )


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"registration_opens_at": timedelta(hours=1)}, "not_yet_open"),
        ({"registration_closes_at": timedelta(hours=-1)}, "closed"),
        ({"starts_at": timedelta(hours=-2), "ends_at": timedelta(hours=-1)}, "over"),
        ({"capacity": 0}, "full"),
    ],
)
def test_event_that_takes_nobody_says_why(client: Client, event: Event, fields: dict[str, Any], code: str) -> None:
    now = timezone.now()
    change(event, **{key: now + value if isinstance(value, timedelta) else value for key, value in fields.items()})
    response = post(client, event)
    assert (response.status_code, response.json()["code"]) == (409, code)
    assert count(event) == 0


def test_event_that_wants_sign_in_takes_nobody_yet(client: Client, event: Event) -> None:
    change(event, requires_sign_in=True)
    assert post(client, event).json()["code"] == "sign_in_required"


def test_foreign_missing_and_hidden_events_are_the_same(client: Client, event: Event) -> None:
    outsider = OrganizationFactory()
    with organization_scope(outsider.pk):
        foreign = EventFactory(organization=outsider)
        hidden = EventFactory(organization=outsider, is_published=False)
    organization = event.organization.slug
    answers = [
        client.post(f"/api/v1/organizations/{owner}/events/{slug}/registrations/", ANN, content_type="application/json")
        for owner, slug in [
            (organization, foreign.slug),
            (organization, "missing"),
            ("missing", event.slug),
            (outsider.slug, hidden.slug),
            (outsider.slug, event.slug),
        ]
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


def test_without_a_key_there_is_nothing_but_the_door(client: Client, event: Event) -> None:
    assert client.get(address(event)).status_code == 401
    assert client.delete(address(event)).status_code == 401


@pytest.mark.parametrize("questions", [1, 3, 10])
def test_queries_do_not_grow(
    client: Client, event: Event, questions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with organization_scope(event.organization_id):
        QuestionFactory.create_batch(questions, event=event)
    post(client, event, email="warm.up@contoso.example")
    with django_assert_num_queries(22, exact=False):
        assert post(client, event).status_code == 201


class TestRates:
    def test_each_client_and_each_address_has_its_own_limit(
        self, client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "REGISTRATION_RATE_PER_CLIENT", "3/60")
        monkeypatch.setattr(settings, "REGISTRATION_RATE_PER_ADDRESS", "2/60")
        monkeypatch.setattr(settings, "THROTTLE_URL", "memory://")
        assert [post(client, event).status_code for _ in range(3)] == [201, 200, 429]
        response = post(client, event, email="bob@contoso.example")
        assert response.status_code == 429
        assert int(response.headers["Retry-After"]) >= 1
        assert count(event) == 1
        elsewhere = Client(REMOTE_ADDR="127.0.0.9")
        assert post(elsewhere, event, email="bob@contoso.example").status_code == 201
        assert post(elsewhere, event, email="ANN@contoso.example").status_code == 429

    @pytest.mark.parametrize(
        ("proxies", "forwarded", "limited"), [(0, "1.1.1.{}", True), (1, "9.9.9.9, 1.1.1.{}", False)]
    )
    def test_only_trusted_proxies_are_believed(
        self,
        client: Client,
        event: Event,
        monkeypatch: pytest.MonkeyPatch,
        proxies: int,
        forwarded: str,
        limited: bool,
    ) -> None:
        monkeypatch.setattr(settings, "REGISTRATION_RATE_PER_CLIENT", "1/60")
        monkeypatch.setattr(settings, "THROTTLE_URL", "memory://#proxies")
        monkeypatch.setattr(settings, "TRUSTED_PROXY_COUNT", proxies)
        clients = [Client(headers={"X-Forwarded-For": forwarded.format(n)}) for n in (proxies * 10, proxies * 10 + 1)]
        statuses = [post(each, event, email=f"p{n}@contoso.example").status_code for n, each in enumerate(clients)]
        assert statuses == ([201, 429] if limited else [201, 201])
