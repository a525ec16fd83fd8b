"""What templates of the admin ask for by name."""

from typing import Any

from unfold.components import BaseComponent, register_component

from events.models import Event
from participants.admin.event_pages import SETTINGS, list_event_pages
from participants.admin.events import link_registrations
from participants.admin.labels import STATUS, STEP
from participants.admin.steps import describe_step
from participants.domain.standings import Standing, count_registrations, find_event_steps
from participants.models import Registration, Step

# Of no interest before anybody is removed.
GOING = (Registration.Status.REMOVING, Registration.Status.REMOVED)


@register_component
class EventStandingComponent(BaseComponent):  # type: ignore[misc]
    """How many people of an event are how far, and how its access stands."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        event: Event = kwargs["event"]
        standing = count_registrations(events=[event])[event.pk]
        steps = find_event_steps(events=[event])[event.pk]
        return kwargs | {
            "pages": list_event_pages(self.request, event, SETTINGS),
            "numbers": list_numbers(event, standing),
            "steps": [view_step(step) for step in steps],
        }


def list_numbers(event: Event, standing: Standing) -> list[dict[str, Any]]:
    """The event's numbers, each with its word, its colour and the list behind it."""
    everybody = {"label": "People", "number": standing.total, "href": link_registrations(event), "variant": "default"}
    return [everybody] + [
        {
            "label": status.value.capitalize(),
            "number": getattr(standing, status.value),
            "href": link_registrations(event, status.value),
            "variant": STATUS[status] or "default",
        }
        for status in Registration.Status
        if status not in GOING or getattr(standing, status.value)
    ]


def view_step(step: Step) -> dict[str, Any]:
    return {
        "pk": step.pk,
        "title": describe_step(step),
        "state": step.get_state_display(),
        "variant": STEP[Step.State(step.state)],
        "detail": step.detail,
    }
