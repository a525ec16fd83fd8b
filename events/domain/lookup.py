"""Finding an event, with what everybody asks of it."""

from django.db.models import Prefetch, QuerySet
from django.http import Http404

from events.models import Event, EventAccount


def find_open_event(slug: str) -> Event:
    """A published event of the request's organization. Foreign, missing and hidden ones are all the same: not there."""
    event = find_event(slug).filter(is_published=True).first()
    if event is None:
        raise Http404("There is no such event.")
    return event


def find_event(slug: str) -> QuerySet[Event]:
    """That event of the organization, published or not."""
    return _with_directory().filter(slug=slug)


def list_events() -> QuerySet[Event]:
    """The organization's events with their sponsoring accounts."""
    return _with_accounts(Event.objects.select_related("organization"))


def load_event(event_id: int) -> Event:
    """The event with its organization, directory and sponsoring accounts."""
    return _with_accounts(_with_directory()).get(pk=event_id)


def _with_accounts(events: QuerySet[Event]) -> QuerySet[Event]:
    accounts = EventAccount.objects.select_related("sponsoring_account").order_by("id")
    return events.prefetch_related(Prefetch("accounts", accounts))


def _with_directory() -> QuerySet[Event]:
    return Event.objects.select_related("organization", "directory__identity_center")
