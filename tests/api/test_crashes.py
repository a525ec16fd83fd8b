"""A crash between a deed and its answer: neither is there, and the same call does both."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from paddock.api.models import ApiKey, StoredAnswer
from paddock.tenancy.models import TenantModel
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import Tenant, build_tenant
from tests.api.test_schema import EXAMPLES, name_parts
from tests.support.keys import Partner

pytestmark = pytest.mark.django_db

# A key's last use is noted whatever becomes of the call.
TABLES = [model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel) and model is not ApiKey]
PREFLIGHT = pytest.param("/api/v1/organizations/{organization}/events/{event}/preflights/", "post", {}, id="preflight")


def take_stock(tenant: Tenant) -> dict[str, str]:
    """A digest of all that the organization has, by table."""
    digest = "select '{0}', md5(string_agg({0}::text, '' order by id)) from {0}"
    parts = [digest.format(table) for table in TABLES]
    with organization_scope(tenant.organization.pk), connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts))
        return dict(cursor.fetchall())


def crash_and_repeat(partner: Partner, tenant: Tenant, call: tuple[str, str, Any]) -> None:
    """Everything between the deed and the end of its transaction breaks at the last moment."""
    before = take_stock(tenant)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(StoredAnswer.objects, "create", lambda **fields: 1 / 0)
        assert partner.call(*call, Idempotency_Key="one").status_code == 500
    assert take_stock(tenant) == before
    first = partner.call(*call, Idempotency_Key="one")
    assert 200 <= first.status_code < 300, first.content
    assert "Idempotency-Replayed" not in first
    after = take_stock(tenant)
    assert after[StoredAnswer._meta.db_table] != before[StoredAnswer._meta.db_table]
    again = partner.call(*call, Idempotency_Key="one")
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert take_stock(tenant) == after


def test_neither_deed_nor_answer_is_there_alone(subtests: pytest.Subtests) -> None:
    tenant = build_tenant("Contoso")
    parts, root = name_parts(tenant), f"/api/v1/organizations/{tenant.organization.slug}/"
    partner = Partner(tenant.organization)
    partner.client.raise_request_exception = False
    for example in (*EXAMPLES, PREFLIGHT):
        path, method, body = example.values
        if "registrations" in body and isinstance(body["registrations"][0], str):
            body = body | {"registrations": [parts["registration"]]}
        with subtests.test(example.id), transaction.atomic():
            crash_and_repeat(partner, tenant, (method.upper(), path.format(**parts).removeprefix(root), body))
            transaction.set_rollback(True)
