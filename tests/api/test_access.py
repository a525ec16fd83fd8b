"""Who may call what: every address of the API stands in this table, with the scope and the answer of each actor."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from events.models import Event, Race, SponsoringAccount
from paddock.api.keys import issue, revoke
from paddock.api.models import ApiKey
from paddock.api.scopes import AREAS, READ, WRITE
from paddock.tenancy.scope import organization_scope
from participants.models import Message, Operation, Participant, PreflightRun, RacerProfile
from tests.admin.stage import Tenant, build_tenant
from tests.support.factories import EventFactory
from tests.support.keys import EVERYTHING, READING, make_key

pytestmark = pytest.mark.django_db

DOOR = {"email": "new@contoso.example", "given_name": "New", "family_name": "Person"}


@dataclass(frozen=True)
class Route:
    """`path` is relative to the organization; `well` is what a full key gets. `open` needs no key."""

    method: str
    path: str
    area: str
    well: int = 200
    body: Any = None
    open: int | None = None
    of_event: bool = True  # a key for another event gets 404; a list shows it nothing

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def verb(self) -> str:
        return READ if self.method == "GET" else WRITE

    @property
    def scope(self) -> str:
        return f"{self.area}:{self.verb}"


WHY = {"reason": "Because"}
EVERYBODY = WHY | {"everybody": True}
MAIL = {"subject": "News", "body": "Hello {{given_name}}"}
RACE = "races/{race}/"
EVENT, PERSON, REGISTRATION = "events/{event}/", "participants/{participant}/", "registrations/{registration}/"
ROUTES = [
    Route("GET", "events/", "events", of_event=False),
    Route("GET", EVENT, "events"),
    Route("PATCH", EVENT, "events", body={"capacity": 50}),
    Route("GET", "registrations/", "people", of_event=False),
    Route("GET", REGISTRATION, "people"),
    Route("GET", f"{EVENT}registrations/", "people"),
    Route("POST", f"{EVENT}registrations/", "people", well=201, body=DOOR, open=201),
    Route("POST", f"{EVENT}registrations/bulk/", "people", body={"registrations": [DOOR, {}]}),
    Route("POST", f"{EVENT}end/", "events", well=202, body={"reason": "Over."}),
    Route("GET", "participants/", "people", of_event=False),
    Route("GET", PERSON, "people"),
    Route("PATCH", PERSON, "people", body={"given_name": "Anna"}),
    Route("GET", "racers/", "racing", of_event=False),
    Route("GET", "racers/{racer}/", "racing"),
    Route("GET", f"{EVENT}usage/", "racing"),
    Route("GET", f"{EVENT}balances/", "racing"),
    Route("POST", f"{EVENT}people/change-quota/", "racing", well=202, body=EVERYBODY | {"minutes": {"set": 60}}),
    Route("POST", f"{EVENT}people/follow-policy/", "racing", well=202, body=EVERYBODY),
    Route("POST", f"{EVENT}people/put-in-group/", "people", well=202, body=EVERYBODY | {"group": "Juniors"}),
    Route("POST", f"{EVENT}people/pause/", "racing", well=202, body=EVERYBODY),
    Route("POST", f"{EVENT}people/resume/", "racing", well=202, body=EVERYBODY),
    Route("POST", f"{EVENT}people/stop-training/", "racing", well=202, body=EVERYBODY),
    Route("POST", f"{EVENT}people/send-passwords/", "people", well=202, body=EVERYBODY),
    Route("POST", f"{EVENT}people/remove/", "people", well=202, body=EVERYBODY),
    Route("POST", f"{EVENT}people/retry/", "people", well=202, body=EVERYBODY),
    Route("POST", f"{EVENT}races/", "racing", well=201, body={"name": "Final", "url": "https://example.com/final"}),
    Route("GET", "races/", "racing", of_event=False),
    Route("GET", RACE, "racing"),
    Route("PATCH", RACE, "racing", body={"name": "Grand final"}),
    Route("POST", f"{RACE}close/", "racing", well=409, body=WHY),  # it was made elsewhere
    Route("POST", f"{RACE}renew-invitation/", "racing", well=409, body=WHY),
    Route("GET", f"{RACE}leaderboard/", "racing"),
    Route("GET", "messages/", "messages", of_event=False),
    Route("GET", "messages/{message}/", "messages"),
    Route("POST", f"{EVENT}messages/preview/", "messages", body=EVERYBODY | MAIL),
    Route("POST", f"{EVENT}messages/", "messages", well=202, body=EVERYBODY | MAIL),
    Route("GET", "operations/", "operations", of_event=False),
    Route("GET", "operations/{operation}/", "operations"),
    Route("GET", "accounts/", "accounts", of_event=False),
    Route("GET", "accounts/{account}/", "accounts"),
    Route("POST", f"{EVENT}preflights/", "accounts", well=202, body={}),
    Route("GET", f"{EVENT}preflights/", "accounts"),
    Route("GET", f"{EVENT}preflights/{{preflight}}/", "accounts"),
    Route("GET", "audit/", "audit", of_event=False),
]
NAMES = ("event", "registration", "participant", "racer", "race", "message", "operation", "account", "preflight")
# For everybody: they show nothing of any organization, or give a key's holder a token.
WITHOUT_KEY = {"schema/", "docs/", "organizations/<slug:organization>/oauth/token/"}


@pytest.fixture
def contoso() -> Tenant:
    return build_tenant("Contoso")


@pytest.fixture
def fabrikam() -> Tenant:
    return build_tenant("Fabrikam")


def list_routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every method of every address beneath the API."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from list_routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("api/v1/"):
            view: Any = pattern.callback.view_class  # type: ignore[union-attr]
            methods = [name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)]
            yield from ((method, path.removeprefix("api/v1/")) for method in methods)


def list_own_routes() -> set[tuple[str, str]]:
    found = {route for route in list_routes(get_resolver().url_patterns) if route[1] not in WITHOUT_KEY}
    return {(method, path.removeprefix("organizations/<slug:organization>/")) for method, path in found}


def as_pattern(path: str) -> str:
    names = {"event": "slug", "registration": "uuid", "account": "slug"}
    for name in NAMES:
        path = path.replace(f"{{{name}}}", f"<{names.get(name, 'int')}:{name}>")
    return path


def test_every_address_stands_in_the_table() -> None:
    assert list_own_routes() == {(route.method, as_pattern(route.path)) for route in ROUTES}


def test_every_unsafe_call_can_be_repeated() -> None:
    handlers = []
    for pattern in _list_patterns(get_resolver().url_patterns):
        view: Any = getattr(pattern.callback, "view_class", None)
        if view and view.__module__.rpartition(".")[0] in ("events.api", "participants.api"):
            handlers += [getattr(view, name) for name in ("post", "put", "patch", "delete") if hasattr(view, name)]
    assert len(handlers) > 10
    assert [each for each in handlers if not getattr(each, "is_idempotent", False)] == []


def _list_patterns(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _list_patterns(pattern.url_patterns)
        else:
            yield pattern


def fill(route: Route, tenant: Tenant) -> str:
    rows = tenant.rows
    with organization_scope(tenant.organization.pk):
        run, _ = PreflightRun.objects.get_or_create(event=tenant.event)
    path = route.path.format(
        event=tenant.event.slug,
        registration=tenant.registration.reference,
        account=rows[SponsoringAccount].account_id,  # type: ignore[attr-defined]
        preflight=run.pk,
        **{model._meta.model_name: rows[model].pk for model in (Participant, Race, Message, Operation)},
        racer=rows[RacerProfile].pk,
    )
    return f"/api/v1/organizations/{tenant.organization.slug}/{path}"


def call(route: Route, address: str, authorization: str | None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    body = "" if route.body is None else json.dumps(route.body)
    return Client().generic(route.method, address, body, content_type="application/json", headers=headers)


def _without(scope: str) -> list[str]:
    """Every scope but this one and the one that includes it."""
    area = scope.partition(":")[0]
    return [each for each in EVERYTHING if each != scope and each != f"{area}:{WRITE}"]


def each_alone(routes: list[Route], subtests: pytest.Subtests, check: Callable[[Route], None]) -> None:
    """Each begins with what was built, whatever the one before it did, and what fails is told by its name."""
    for route in routes:
        with subtests.test(str(route)), transaction.atomic():
            check(route)
            transaction.set_rollback(True)


def test_actors(contoso: Tenant, fabrikam: Tenant, subtests: pytest.Subtests) -> None:
    full = make_key(contoso.organization)
    strangers = [
        *("Bearer ", "Bearer pdk_", f"Basic {full}", full, f"Bearer {full}x", f"Bearer {full[:-1]}", "Bearer ü"),
        f"Bearer {_revoked(contoso)}",
        f"Bearer {make_key(contoso.organization, expires_at=timezone.now() - timedelta(seconds=1))}",
        f"Bearer {make_key(fabrikam.organization)}",
    ]
    reader = f"Bearer {make_key(contoso.organization, scopes=READING)}"

    def check(route: Route) -> None:
        address = fill(route, contoso)
        check_strangers(route, address, strangers)
        narrow = call(route, address, f"Bearer {make_key(contoso.organization, scopes=_without(route.scope))}")
        assert (narrow.status_code, narrow.json()["scope"]) == (403, route.scope)
        assert call(route, address, reader).status_code == (route.well if route.verb == READ else 403)
        alone = call(route, address, f"Bearer {make_key(contoso.organization, scopes=[route.scope])}")
        assert alone.status_code in (route.well, 200), alone.content

    each_alone(ROUTES, subtests, check)


def check_strangers(route: Route, address: str, strangers: list[str]) -> None:
    """They cannot be told apart, and those without a key only by what is open to them."""
    refusals = {(answer.status_code, answer.content) for answer in (call(route, address, each) for each in strangers)}
    anonymous = call(route, address, None)
    assert anonymous.status_code == (route.open or 401)
    if route.open is None:
        refusals.add((anonymous.status_code, anonymous.content))
        assert anonymous["WWW-Authenticate"].startswith("Bearer")
    assert [status for status, _ in refusals] == [401]


def test_events_that_were_not_chosen_are_not_there(contoso: Tenant, subtests: pytest.Subtests) -> None:
    with organization_scope(contoso.organization.pk):
        other: Event = EventFactory(directory=contoso.event.directory)
    elsewhere = f"Bearer {make_key(contoso.organization, events=[other])}"
    chosen = f"Bearer {make_key(contoso.organization, events=[contoso.event])}"

    def check(route: Route) -> None:
        address = fill(route, contoso)
        answer = call(route, address, elsewhere)
        if route.of_event:
            assert answer.status_code == 404
            assert answer.content == call(route, _miss(route, contoso), elsewhere).content
        else:
            assert contoso.event.title.encode() not in answer.content
            assert b"ann@contoso.example" not in answer.content
        assert call(route, address, chosen).status_code in (route.well, 200)

    each_alone(ROUTES, subtests, check)


def test_what_is_foreign_is_not_there(contoso: Tenant, fabrikam: Tenant, subtests: pytest.Subtests) -> None:
    key = f"Bearer {make_key(contoso.organization)}"

    def check(route: Route) -> None:
        foreign = fill(route, fabrikam).replace("/fabrikam/", "/contoso/", 1)
        answer = call(route, foreign, key)
        assert answer.status_code == 404
        assert answer.content == call(route, _miss(route, contoso), key).content
        assert call(route, fill(route, contoso).replace("/contoso/", "/missing/", 1), key).status_code == 401

    each_alone([route for route in ROUTES if route.of_event], subtests, check)


def _miss(route: Route, tenant: Tenant) -> str:
    nowhere: dict[str, object] = dict.fromkeys(NAMES, 999999999)
    nowhere |= {"event": "missing", "registration": "00000000-0000-4000-8000-000000000000"}
    return f"/api/v1/organizations/{tenant.organization.slug}/{route.path.format(**nowhere)}"


def _revoked(tenant: Tenant) -> str:
    with organization_scope(tenant.organization.pk):
        key = ApiKey(name="Revoked", scopes=EVERYTHING)
        token = issue(key)
        revoke(key=key)
    return token


def test_areas_of_the_table_exist() -> None:
    assert {route.area for route in ROUTES} <= {area.name for area in AREAS}
