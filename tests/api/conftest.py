import pytest

from events.models import Event
from paddock.tenancy.scope import organization_scope
from tests.support.factories import EventFactory, OrganizationFactory
from tests.support.keys import Partner


@pytest.fixture
def event() -> Event:
    """An open event of an organization of its own."""
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        event: Event = EventFactory(organization=organization)
    return event


@pytest.fixture
def outside() -> Event:
    """An event of another organization, with data that could leak."""
    organization = OrganizationFactory(name="Outsiders")
    with organization_scope(organization.pk):
        event: Event = EventFactory(organization=organization, title="Outside")
    return event


@pytest.fixture
def partner(event: Event) -> Partner:
    return Partner(event.organization)
