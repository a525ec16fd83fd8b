"""The event that an address names, as far as the key may see it."""

from django.http import Http404

from events.domain.lookup import find_event
from events.models import Event
from paddock.api.keys import limit_to_chosen_events
from paddock.api.models import ApiKey


def find_event_for(key: ApiKey, slug: str) -> Event:
    """Foreign, missing and not chosen are all the same: not there. Published or not, a partner works with it."""
    event: Event | None = limit_to_chosen_events(key, find_event(slug), "pk").first()
    if event is None:
        raise Http404
    return event
