"""Many people at once, and what has become of them."""

from collections import Counter

from django.db import transaction

from events.models import Event
from paddock.tenancy.scope import organization_scope
from participants.convergence import doorbell
from participants.domain.journey import owe_event_steps, owe_registration_steps
from participants.models import Message, Participant, Registration, Step
from tests.support.world import domain_of


def register_crowd(event: Event, *, size: int, first: int = 0) -> None:
    """What `size` single registrations leave behind, in a few statements; `first` is the number of the first racer."""
    domain = domain_of(event.organization)
    tenant = event.organization.pk
    with organization_scope(tenant), transaction.atomic():
        people = Participant.objects.bulk_create(
            Participant(organization_id=tenant, email=f"racer{n}@{domain}", given_name=f"Racer {n}", family_name="Fast")
            for n in range(first, first + size)
        )
        account = event.accounts.get()
        registrations = Registration.objects.bulk_create(
            Registration(organization_id=tenant, event=event, account=account, participant=person) for person in people
        )
        kinds = owe_event_steps(event=event) + owe_registration_steps(registrations=registrations, event=event)
        doorbell.ring(organization_id=tenant, event_id=event.pk, kinds=kinds)


def count_open_steps(event: Event) -> Counter[str]:
    """Steps that are not done, by their state."""
    with organization_scope(event.organization.pk):
        return Counter(event.steps.exclude(state=Step.State.DONE).values_list("state", flat=True))


def is_all_done(event: Event) -> bool:
    return not count_open_steps(event)


def find_addresses_being_mailed(event: Event) -> set[str]:
    with organization_scope(event.organization.pk):
        return set(Message.objects.filter(state=Message.State.SENDING).values_list("recipient", flat=True))
