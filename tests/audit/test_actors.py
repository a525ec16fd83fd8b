"""Who acts: a person, a key, an operator, a visitor, a task or a command; and the request that it happened in."""

import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from paddock.audit.actors import (
    PADDOCK,
    Actor,
    Kind,
    acting,
    because,
    current_actor,
    current_reason,
    current_request_id,
    user_actor,
)
from paddock.audit.middleware import ActorMiddleware
from paddock.audit.recording import record
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import Tenant, build_tenant
from tests.support.factories import UserFactory

pytestmark = pytest.mark.django_db

KEY = Actor(Kind.KEY, "Key “registrations”", credential_id=7)


@pytest.fixture
def contoso() -> Tenant:
    return build_tenant("Contoso")


def test_deeds_are_nested_and_end() -> None:
    assert (current_actor(), current_request_id()) == (PADDOCK, "")
    with acting(KEY, request_id="the-request"), because("Asked for"):
        with acting(Actor(Kind.TASK, "Paddock: sweep")):
            assert (current_actor().name, current_request_id(), current_reason()) == (
                "Paddock: sweep",
                "the-request",
                "",
            )
        assert (current_actor(), current_reason()) == (KEY, "Asked for")
    assert (current_actor(), current_request_id(), current_reason()) == (PADDOCK, "", "")


def test_an_entry_is_of_whoever_acts(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        with acting(KEY, request_id="the-request"), because("Asked for"):
            entry = record(action="paused Ann", about=contoso.registration)
        assert (entry.actor_kind, entry.actor_name, entry.credential_id, entry.request_id, entry.reason) == (
            "key",
            KEY.name,
            7,
            "the-request",
            "Asked for",
        )


def test_a_person_acts_by_the_credential_that_they_came_with() -> None:
    user = UserFactory()
    session = Actor(Kind.OPERATOR, "Otto", user_id=user.pk, credential_id=3)
    with acting(session):
        assert user_actor(user) == session
        assert user_actor(UserFactory()).kind == Kind.USER
    assert user_actor(user).kind == Kind.USER


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space in it", "línea-de-pedido", "fine-id\nX: 1"])
def test_a_harmful_request_id_is_replaced(given: str) -> None:
    answer = ActorMiddleware(lambda request: HttpResponse())(RequestFactory().get("/", headers={"X-Request-ID": given}))
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_a_harmless_request_id_is_kept(client: Client) -> None:
    assert client.get("/", headers={"X-Request-ID": "proxy-4711.a"}).headers["X-Request-ID"] == "proxy-4711.a"


def ask_for_actor(**marks: object) -> Actor:
    found = []

    def view(request: HttpRequest) -> HttpResponse:
        for name, value in marks.items():
            setattr(request, name, value)
        found.append(current_actor())
        return HttpResponse()

    ActorMiddleware(view)(RequestFactory().get("/"))
    return found[0]


def test_whom_a_request_is_of() -> None:
    user = UserFactory()
    assert ask_for_actor().kind == Kind.VISITOR
    assert ask_for_actor(user=user) == Actor(Kind.USER, user.email, user_id=user.pk)
    session = ask_for_actor(user=user, operator_session=Organization(pk=3))
    assert ask_for_actor(user=user, actor=KEY) == KEY
    assert (session.kind, session.credential_id) == (Kind.OPERATOR, 3)
