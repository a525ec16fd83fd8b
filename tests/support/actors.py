"""Everybody who may knock, by name: the columns of every table that says who may do what."""

from collections.abc import Callable

from django.test import Client

from events.models import Event
from paddock.sso.models import IdentityProvider
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import Tenant, sign_in
from tests.support.factories import EventFactory
from tests.support.single_sign_on import join
from tests.support.single_sign_on import sign_in as sign_in_by_provider

Actor = Callable[[Tenant, Tenant], Client]


def _participant(tenant: Tenant, outsider: Tenant) -> Client:
    """Ann herself, by the organization's own provider."""
    with organization_scope(tenant.organization.pk):
        provider = IdentityProvider.objects.filter(is_active=True).earliest("id")
    return sign_in_by_provider(Client(), join(provider, tenant.registration.participant.email))


def _elsewhere(tenant: Tenant, outsider: Tenant) -> Client:
    """An organizer of another event of the same organization."""
    return sign_in("organizer", tenant.organization, events=[add_event(tenant)])


def add_event(tenant: Tenant) -> Event:
    with organization_scope(tenant.organization.pk):
        event: Event = EventFactory(title=f"{tenant.mark} Other Cup", directory=tenant.event.directory)
    return event


ACTORS: dict[str, Actor] = {
    "anonymous": lambda tenant, outsider: Client(),
    "stranger": lambda tenant, outsider: sign_in("owner", outsider.organization),
    "participant": _participant,
    "viewer": lambda tenant, outsider: sign_in("viewer", tenant.organization),
    "elsewhere": _elsewhere,
    "organizer": lambda tenant, outsider: sign_in("organizer", tenant.organization),
    "owner": lambda tenant, outsider: sign_in("owner", tenant.organization),
    "operator": lambda tenant, outsider: sign_in("operator", tenant.organization),
}
