"""Finding an event for somebody outside."""

from django.http import Http404

from events.models import Event


def find_open_event(slug: str) -> Event:
    """A published event of the request's organization. Foreign, missing and hidden ones are all the same: not there."""
    events = Event.objects.select_related("organization", "sponsoring_account", "directory__identity_center")
    event = events.filter(slug=slug, is_published=True).first()
    if event is None:
        raise Http404("There is no such event.")
    return event
