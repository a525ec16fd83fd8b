"""The schema: what it documents is what the API answers."""

import gc
import inspect
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from events.models import Race, SponsoringAccount
from paddock.api.views import ApiView
from paddock.tenancy.scope import organization_scope
from paddock.wsgi import application
from participants.models import Message, Operation, PreflightRun, RacerProfile, Registration
from tests.admin.stage import Tenant, build_tenant
from tests.support.keys import Partner

pytestmark = pytest.mark.django_db

COMMITTED = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    (path, method, operation)
    for path, methods in COMMITTED["paths"].items()
    for method, operation in methods.items()
    if method in METHODS
]
EXAMPLES = [
    pytest.param(path, method, example["value"], id=f"{operation['operationId']}: {name}")
    for path, method, operation in OPERATIONS
    for name, example in operation.get("requestBody", {})
    .get("content", {})
    .get("application/json", {})
    .get("examples", {})
    .items()
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.fixture
def contoso() -> Tenant:
    return build_tenant("Contoso")


def name_parts(tenant: Tenant) -> dict[str, Any]:
    """What stands in addresses, of rows that are there."""
    return {
        "organization": tenant.organization.slug,
        "event": tenant.event.slug,
        "registration": str(tenant.registration.reference),
        "participant": tenant.registration.participant_id,
        **name_rows(tenant),
    }


def name_rows(tenant: Tenant) -> dict[str, Any]:
    rows = tenant.rows
    account: Any = rows[SponsoringAccount]
    now = timezone.now()
    with organization_scope(tenant.organization.pk):
        made = {"sponsoring_account": account, "service_id": "race-1", "url": "", "track": "track"}
        dates = {"opens_at": now, "closes_at": now + timedelta(days=1)}
        Race.objects.filter(pk=rows[Race].pk).update(**made, **dates)
        run, _ = PreflightRun.objects.get_or_create(event=tenant.event)
    return {
        "account": account.account_id,
        "preflight": run.pk,
        "racer": rows[RacerProfile].pk,
        **{str(model._meta.model_name): rows[model].pk for model in (Race, Message, Operation)},
    }


def test_is_served_in_both_forms() -> None:
    served = Client().get("/api/v1/schema/?format=json")
    assert json.loads(served.content) == COMMITTED
    assert served.json()["openapi"].startswith("3.1.")
    assert Client().get("/api/v1/schema/").content.startswith(b"openapi: 3.1")


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_call_is_described(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation.get("description") not in set(list_docstrings(ApiView)), "partners read what was meant for us"
    assert operation["tags"]
    assert {"bearer": []} in operation["security"]
    responses = operation["responses"]
    for status in ("401", "403", "404", "429"):
        assert list(responses[status]["content"]) == ["application/problem+json"]
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert ("Idempotency-Key" in names) == (method != "get")
    if body := operation.get("requestBody"):
        assert body["content"]["application/json"]["examples"], "give an example"


def list_docstrings(view: type[ApiView]) -> Iterator[str]:
    """Of the view, and of all that derive from it."""
    yield inspect.getdoc(view) or ""
    for each in view.__subclasses__():
        yield from list_docstrings(each)


def test_only_the_portals_door_is_open() -> None:
    open_calls = [(path, method) for path, method, operation in OPERATIONS if {} in operation["security"]]
    assert open_calls == [("/api/v1/organizations/{organization}/events/{event}/registrations/", "post")]


@pytest.mark.parametrize(("path", "method", "value"), EXAMPLES)
def test_examples_do_what_they_say(contoso: Tenant, path: str, method: str, value: Any) -> None:
    if "registrations" in value and isinstance(value["registrations"][0], str):
        value = value | {"registrations": [str(contoso.registration.reference)]}
    address = path.format(**name_parts(contoso)).removeprefix(f"/api/v1/organizations/{contoso.organization.slug}/")
    answer = Partner(contoso.organization).call(method.upper(), address, value, Idempotency_Key="example")
    assert 200 <= answer.status_code < 300, answer.content
    for result in answer.json().get("results", []):
        assert result["problem"] is None


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """A server ends its requests by closing connections, which here would be the test's own."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    gc.collect()  # answers that nobody closed end their request only now
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.usefixtures("kept_connection")
def test_whatever_comes_gets_a_documented_answer(contoso: Tenant) -> None:
    """Cases made from the schema: half of them about rows that are there, half about whatever stands in the address."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)
    headers, parts = {"Authorization": f"Bearer {Partner(contoso.organization).token}"}, name_parts(contoso)
    failures: list[Exception] = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(), is_real=st.booleans())
        @settings(
            max_examples=12, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
        )
        def check(case: Any, is_real: bool) -> None:
            case.path_parameters["organization"] = parts["organization"]
            if is_real:
                case.path_parameters |= {name: parts[name] for name in case.path_parameters}
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            check()
        except Exception as failure:  # noqa: BLE001 (the other calls are tried too, and all failures told together)
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Answers differ from the schema", failures)
    with organization_scope(contoso.organization.pk):
        assert Registration.objects.exists()


def test_the_documentation_needs_nothing_from_elsewhere() -> None:
    answer = Client().get("/api/v1/docs/")
    page = answer.content.decode()
    assert "Your first call in five minutes" in page
    assert "//cdn" not in page
    assert "script-src 'self'" in answer["Content-Security-Policy"].replace("; ", ";")
    for file in ("drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js", "js/api_reference.js", "css/api.css"):
        assert f"/static/{file}" in page
        served = Client().get(f"/static/{file}")
        assert served.status_code == 200
        served.close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("GET", "/api/v1/nothing/", {}, 404, "not_found"),
        ("DELETE", "/api/v1/organizations/contoso/events/", {}, 405, "method_not_allowed"),
        ("GET", "/api/v1/organizations/contoso/events/", {"Accept": "text/html"}, 406, "not_acceptable"),
        ("POST", "/api/v1/organizations/contoso/registrations/bulk/", {"Content-Type": "text/plain"}, 404, "not_found"),
    ],
)
def test_whatever_goes_wrong_is_a_problem(
    contoso: Tenant, method: str, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    token = Partner(contoso.organization).token
    answer = Client().generic(method, path, headers={"Authorization": f"Bearer {token}", **headers})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json() | {"detail": ""} == {
        "type": f"/api/v1/docs/#problem-{code}",
        "title": answer.json()["title"],
        "status": status,
        "code": code,
        "detail": "",
    }


def test_what_is_no_json_or_too_much_is_refused(contoso: Tenant) -> None:
    partner = Partner(contoso.organization)
    path = f"/api/v1/organizations/contoso/events/{contoso.event.slug}/registrations/"
    headers = {"Authorization": f"Bearer {partner.token}"}
    plain = partner.client.generic("POST", path, "email=x", content_type="text/plain", headers=headers)
    assert (plain.status_code, plain.json()["code"]) == (415, "unsupported_media_type")
    large = partner.client.generic("POST", path, " " * 3_000_000, content_type="application/json", headers=headers)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
