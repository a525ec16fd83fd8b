"""Several accounts come with one address at one moment: one of them owns what is registered under it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from paddock.audit.models import AuditEntry
from paddock.audit.recording import record
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from participants.domain.ownership import Visitor, take_ownership
from participants.models import Participant
from tests.support.factories import OrganizationFactory
from tests.support.single_sign_on import join
from tests.support.visitors import ANN, add_provider

pytestmark = pytest.mark.django_db(transaction=True)

ACCOUNTS = 6
WAIT_SECONDS = 60


def claim(visitor: Visitor, barrier: Barrier) -> None:
    barrier.wait(WAIT_SECONDS)
    take_ownership(visitor=visitor)


def claim_as_seen(visitor: Visitor, barrier: Barrier) -> None:
    """The control: whoever sees it without an owner takes it."""
    found = Participant.objects.filter(user=None).get()
    barrier.wait(WAIT_SECONDS)
    Participant.objects.filter(pk=found.pk).update(user=visitor.user)
    record(actor=visitor.user, action="took it", about=found)


def arrive(organization: Organization, subject: str) -> Visitor:
    """With an identity of the provider: an account without one holds nothing against those who come later."""
    return Visitor(join(add_provider(organization), **ANN | {"subject": subject}), ANN["email"], "Ann", "Lee")


def enter(organization: Organization, visitor: Visitor, barrier: Barrier, way: Callable[..., None]) -> None:
    try:
        with organization_scope(organization.pk):
            way(visitor, barrier)
    finally:
        connection.close()


@pytest.mark.parametrize(("way", "takers"), [(claim, 1), (claim_as_seen, ACCOUNTS)])
def test_one_account_takes_it(way: Callable[..., None], takers: int) -> None:
    organization, barrier = OrganizationFactory(), Barrier(ACCOUNTS)
    with organization_scope(organization.pk):
        Participant.objects.create(email=ANN["email"], given_name="Ann", family_name="Lee")
    visitors = [arrive(organization, f"ann-{number}") for number in range(ACCOUNTS)]
    with ThreadPoolExecutor(ACCOUNTS) as pool:
        list(pool.map(lambda visitor: enter(organization, visitor, barrier, way), visitors))
    with organization_scope(organization.pk):
        entries = list(AuditEntry.objects.filter(object_type="participant").values_list("actor_id", flat=True))
        owner = Participant.objects.get().user_id
    assert len(entries) == takers
    assert owner in entries
