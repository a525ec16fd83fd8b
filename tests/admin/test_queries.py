"""Every list costs the same number of queries, however many rows it shows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.domain.invitations.inviting import invite
from events.models import (
    Budget,
    DirectoryConnection,
    Event,
    IdentityCenterConnection,
    Invitation,
    Race,
    SponsoringAccount,
    Threshold,
)
from paddock.accounts.models import User
from paddock.tenancy.models import Membership, OperatorSession, Organization
from paddock.tenancy.scope import organization_scope
from participants.models import (
    Announcement,
    EventInvitation,
    Message,
    Participant,
    RacerProfile,
    Registration,
    Step,
    TrainedModel,
)
from tests.admin.stage import Tenant, enter, page, set_steps, sign_in, write_message
from tests.support.busy import use
from tests.support.factories import (
    DirectoryConnectionFactory,
    EventFactory,
    IdentityCenterConnectionFactory,
    MembershipFactory,
    OrganizationFactory,
    SponsoringAccountFactory,
    UserFactory,
)
from tests.support.world import account_of

SIZES = (1, 3, 30)


def add_person(tenant: Tenant, number: int) -> None:
    registration = enter(tenant.event, f"person{number}@contoso.example")
    write_message(registration)
    set_steps(registration, "identity", state="failed", detail="Unknown", attempts=1)
    with organization_scope(tenant.organization.pk):
        words = Announcement.objects.create(event=tenant.event, subject="Come", body="Come")
        EventInvitation.objects.create(event=tenant.event, email=f"guest{number}@contoso.example", announcement=words)
        racer = RacerProfile.objects.get(participant=registration.participant)
        use(registration, 1)
        TrainedModel.objects.create(profile=racer, service_id="m", name="m", status="ready", seen_at=timezone.now())


def add_event(tenant: Tenant, number: int) -> None:
    with organization_scope(tenant.organization.pk):
        event = EventFactory(
            directory=tenant.event.directory,
            sponsoring_account=account_of(tenant.event),
            title=f"Cup {number}",
            frozen_at=timezone.now(),
        )
        budget = Budget.objects.create(event=event, amount=1_000_000)
        Threshold.objects.create(budget=budget, percent=100)
    with organization_scope(tenant.organization.pk):
        Race.objects.create(event=event, name=f"Race {number}", sponsoring_account=account_of(tenant.event))
        Race.objects.create(event=tenant.event, name=f"Race {number}", url="https://example.com")
    enter(event, "ann@contoso.example")


def add_connections(tenant: Tenant, number: int) -> None:
    with organization_scope(tenant.organization.pk):
        center = IdentityCenterConnectionFactory(name=f"Center {number}")
        DirectoryConnectionFactory(identity_center=center)
        SponsoringAccountFactory()


def add_members(tenant: Tenant, number: int) -> None:
    with organization_scope(tenant.organization.pk):
        membership = MembershipFactory(all_events=False)
        membership.chosen_events.create(event=tenant.event)
        invite(inviter=membership.user, email=f"{number}@new.example", role="viewer", events=[tenant.event])
        over = timezone.now()
        OperatorSession.objects.create(user=UserFactory(), reason="Over", ends_at=over, ended_at=over)
    OrganizationFactory()


GROWTH = {
    "people": (add_person, [Registration, Participant, RacerProfile, TrainedModel, Step, Message, EventInvitation]),
    "events": (add_event, [Event, Race, Registration, Step, Budget]),
    "connections": (add_connections, [DirectoryConnection, IdentityCenterConnection, SponsoringAccount]),
    "members": (add_members, [Membership, Invitation, User, Organization, OperatorSession]),
}


def count_queries(client: Client, address: str) -> int:
    client.get(address)  # what is cached once is cached
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("what", GROWTH)
def test_lists_and_dashboard(what: str, contoso: Tenant) -> None:
    add, models = GROWTH[what]
    client = sign_in("operator", contoso.organization)
    addresses = ["/admin/", *(page(model, "changelist") for model in models)]
    counts: dict[str, list[int]] = {address: [] for address in addresses}
    grown = 0
    for size in SIZES:
        for number in range(grown, size):
            add(contoso, number)
        grown = size
        for address in addresses:
            counts[address].append(count_queries(client, address))
    assert {address: each for address, each in counts.items() if len(set(each)) > 1} == {}


def test_pages_of_an_event_and_of_a_person(contoso: Tenant) -> None:
    client = sign_in("operator", contoso.organization)
    add_person(contoso, 0)  # prices are looked up once anybody has trained
    before = [count_queries(client, page(row)) for row in (contoso.event, contoso.registration)]
    for number in range(1, 10):
        add_person(contoso, number)
    assert [count_queries(client, page(row)) for row in (contoso.event, contoso.registration)] == before
