"""Two owners who demote each other at one moment: one of them stays."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from paddock.tenancy import owners
from paddock.tenancy.models import Membership
from paddock.tenancy.scope import organization_scope
from tests.admin.forms import read_form
from tests.admin.stage import Tenant, build_tenant, page, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 40


def build_owners(mark: str) -> tuple[Tenant, list[tuple[Client, Membership]]]:
    """Two, each with the page of the other."""
    tenant = build_tenant(mark)
    with organization_scope(tenant.organization.pk):
        Membership.objects.all().delete()
    clients = [sign_in("owner", tenant.organization) for _ in range(2)]
    with organization_scope(tenant.organization.pk):
        others = [Membership.objects.get(user_id=each.session["_auth_user_id"]) for each in reversed(clients)]
    return tenant, list(zip(clients, others, strict=True))


def demote_each_other(mark: str, deed: str) -> int:
    """Returns how many owners are left."""
    tenant, pairs = build_owners(mark)
    forms = [read_form(client, page(other)) for client, other in pairs]
    barrier = Barrier(2)

    def work(number: int) -> None:
        client, other = pairs[number]
        try:
            barrier.wait(timeout=30)
            if deed == "remove":
                client.post(page(other, "delete"), {"post": "yes", "audit_reason": "Left"})
            else:
                client.post(page(other), forms[number] | {"role": "organizer"})
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    with organization_scope(tenant.organization.pk):
        return Membership.objects.filter(role="owner").count()


@pytest.mark.parametrize("deed", ["demote", "remove"])
def test_one_owner_is_left(deed: str) -> None:
    assert demote_each_other("Contoso", deed) == 1


def test_without_the_lock_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: it is the lock, and not luck, that keeps one."""
    monkeypatch.setattr(owners, "lock_members", lambda: None)
    for number in range(ROUNDS):
        if demote_each_other(f"Contoso{number}", "demote") == 0:
            return
    pytest.fail(f"In {ROUNDS} rounds two owners never demoted each other at once.")
