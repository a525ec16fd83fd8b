"""Who gets what from every address beside the admin and the API, whose tables stand with their own tests."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from events.models import Invitation
from integrations.sandbox.sign_on.keys import make_signing_key
from paddock.tenancy.scope import organization_scope
from participants.domain.status import status_path
from tests.admin import test_permissions
from tests.admin.stage import Tenant, build_tenant
from tests.sso.stage import connect_saml
from tests.support.actors import ACTORS
from tests.support.comparing import see_answer
from tests.support.factories import EventFactory, IdentityProviderFactory

pytestmark = pytest.mark.django_db

KEY = make_signing_key()
METHODS = ("GET", "POST")
# Nobody uses these: that one finds out is enough.
OTHER_METHODS = ("HEAD", "PUT", "PATCH", "DELETE")
WITH_TABLES_OF_THEIR_OWN = ("admin/", "api/v1/")  # tests/admin/test_permissions.py, tests/api/test_access.py

# What a method answers: to everybody, or to those who are named and to all others. Methods that are not named are
# refused; HEAD is what GET is.
Answers = int | tuple[int, tuple[str, ...], int]
ANN = ("participant",)
TABLE: dict[str, dict[str, Answers]] = {
    "participants:home": {"GET": 200},
    "participants:my-events": {"GET": (200, ANN, 302)},
    "participants:portal": {"GET": 200, "POST": 400},
    "participants:status": {"GET": 200},
    "participants:invitation": {"GET": 200, "POST": 200},  # to whom it is not addressed, it only says so
    "participants:withdraw": {"GET": (200, ANN, 404), "POST": (302, ANN, 404)},
    "sso:find": {"POST": 400},
    "sso:sign_in": {"GET": 200, "POST": 400},
    "sso:start": {"GET": 302},
    "sso:sign_out": {"POST": 200},
    "sso:signed_out": {"GET": 200},
    "openid_connect_callback": {"GET": 403, **dict.fromkeys(("POST", "PUT", "PATCH", "DELETE"), 403)},
    "saml_acs": {"POST": 302},
    "saml_finish_acs": {"GET": 403},
    "saml_sls": {"GET": 302},
    "saml_metadata": {"GET": 200},
}


def list_routes(patterns: list[Any], prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Every address, and its name with its namespace."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from list_routes(pattern.url_patterns, path, inner)
        elif isinstance(pattern, URLPattern):
            yield path, f"{space}{pattern.name}"


PARAMETER = re.compile(r"<\w+:(\w+)>")
ROUTES = {
    name: path
    for path, name in list_routes(get_resolver().url_patterns)
    if not path.startswith(WITH_TABLES_OF_THEIR_OWN)
}


def test_every_address_stands_in_a_table() -> None:
    assert set(ROUTES) == set(TABLE)
    admins = {name for path, name in list_routes(get_resolver().url_patterns) if path.startswith("admin/")}
    known = {name for name, *_ in test_permissions.CASES} | test_permissions.WITHOUT_SIGN_IN
    # What has no name leads from an old address to a new one, or nowhere.
    assert admins - {f"admin:{name}" for name in known} == {"admin:None"}


class Stage:
    """Contoso with both kinds of providers and Ann's registration, which she has seen; Fabrikam with the same."""

    def __init__(self) -> None:
        self.contoso, self.fabrikam = build_tenant("Contoso"), build_tenant("Fabrikam")
        self.ours, self.theirs = _list_arguments(self.contoso), _list_arguments(self.fabrikam)
        ann = ACTORS["participant"](self.contoso, self.fabrikam)
        assert ann.get(fill("participants:status", self.ours), headers={"accept": "text/html"}).status_code == 200


def _list_arguments(tenant: Tenant) -> dict[str, str]:
    domain, invitation = f"{tenant.mark.lower()}.example", tenant.rows[Invitation]
    with organization_scope(tenant.organization.pk):
        oidc = IdentityProviderFactory(name=f"{tenant.mark} OIDC", domains=[domain])
        token = status_path(tenant.registration).rstrip("/").rpartition("/")[2]
    saml = connect_saml(KEY, tenant.mark, organization=tenant.organization, name=f"{tenant.mark} SAML")
    of_event = {"event": tenant.event.slug, "status": token, "invitation": invitation.token}
    return {"organization": tenant.organization.slug, "oidc": oidc.key, "saml": saml.key, **of_event}


def fill(name: str, arguments: dict[str, str]) -> str:
    """The address of a route. A key is that of a provider of the route's kind, a token that of what it opens."""
    named = {"key": arguments["oidc" if name.startswith("openid") else "saml"]}
    named["token"] = arguments["invitation" if name == "participants:invitation" else "status"]
    return "/" + PARAMETER.sub(lambda found: (named | arguments)[found[1]], ROUTES[name])


@pytest.fixture
def stage() -> Stage:
    return Stage()


def knock(client: Client, method: str, path: str) -> Any:
    """What is answered. Nothing of what it did stays, so that every actor finds the same."""
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        answer = client.generic(method, path, headers={"host": "localhost:8000", "accept": "text/html"})
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.load(kept)
    return answer


def expect(answers: dict[str, Answers], method: str, actor: str) -> int:
    method = "GET" if method == "HEAD" else method
    told = answers.get(method, 405)
    if isinstance(told, int):
        return told
    well, chosen, otherwise = told
    return well if actor in chosen else otherwise


def test_actors(stage: Stage) -> None:
    wrong = []
    for actor, enter in ACTORS.items():
        client = enter(stage.contoso, stage.fabrikam)
        for name, answers in TABLE.items():
            path = fill(name, stage.ours)
            for method in METHODS + (OTHER_METHODS if actor == "anonymous" else ()):
                answer, wanted = knock(client, method, path).status_code, expect(answers, method, actor)
                if answer != wanted:
                    wrong.append(f"{actor}: {method} {path} is {answer}, not {wanted}")
    assert wrong == [], "\n".join(wrong)


# What names one organization, or one provider, to everybody: a page of its own, and no secret.
PUBLIC = {("sso:sign_in", "organization"), *((name, "key") for name in ROUTES if name[:4] in ("open", "saml"))}
# What a parameter may be of somebody else's.
OTHERS = {"key": ("saml", "oidc"), "token": ("status", "invitation")}
PARAMETERS = [
    (name, parameter)
    for name, path in ROUTES.items()
    for parameter in PARAMETER.findall(path)
    if (name, parameter) not in PUBLIC
]


def test_what_is_foreign_or_hidden_is_not_there(stage: Stage) -> None:
    with organization_scope(stage.contoso.organization.pk):
        hidden = EventFactory(title="Hidden Cup", is_published=False, directory=stage.contoso.event.directory).slug
    theirs, wrong = stage.theirs, []
    for actor, enter in ACTORS.items():
        client = enter(stage.contoso, stage.fabrikam)
        for name, parameter in PARAMETERS:
            known = [theirs[each] for each in OTHERS.get(parameter, (parameter,))]
            others = {*known, *([hidden] if parameter == "event" else [])}
            seen = {_look(client, name, stage.ours, parameter, other) for other in ("missing", *others)}
            if len(seen) != 1:
                wrong.append((actor, name, parameter, [status for status, *_ in seen]))
    assert wrong == []


def _look(client: Client, name: str, ours: dict[str, str], parameter: str, other: str) -> Any:
    return see_answer(knock(client, "GET", fill(name, ours | {parameter: other})), other)


def test_a_provider_that_is_switched_off_or_of_another_kind_is_not_there(stage: Stage) -> None:
    with organization_scope(stage.contoso.organization.pk):
        off = IdentityProviderFactory(name="Off", is_active=False).key
    client = Client()
    for name, parameter in PUBLIC - {("sso:sign_in", "organization"), ("saml_metadata", "key")}:
        method = next(iter(TABLE[name]))
        keys = (off, "missing", stage.ours["saml" if name.startswith("open") else "oidc"])
        seen = {see_answer(knock(client, method, fill(name, stage.ours | {parameter: key})), key) for key in keys}
        assert [status for status, *_ in seen] == [404], name
