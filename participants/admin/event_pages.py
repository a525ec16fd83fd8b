"""The pages about one event. A page that is to be reached from all the others is one line here."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from events.models import Event
from paddock.tenancy.admin_base import may
from paddock.tenancy.models import Membership


class EventPage(NamedTuple):
    """A page of the event itself, or, with a `parameter`, a list that shows the event's rows alone."""

    title: str
    icon: str
    view: str
    parameter: str = ""
    role: Membership.Role = Membership.Role.VIEWER

    def find_address(self, event: Event) -> str:
        if self.parameter:
            return reverse(f"admin:{self.view}", query={self.parameter: event.pk})
        return reverse(f"admin:{self.view}", args=[event.pk])


DASHBOARD = EventPage("Dashboard", "dashboard", "events_event_dashboard")
PREFLIGHT = EventPage("Preflight", "flight_takeoff", "events_event_preflight")
SETTINGS = EventPage("Settings", "settings", "events_event_change")
INTAKE = EventPage("Intake", "input", "events_event_intake")
STATISTICS = EventPage("Statistics", "bar_chart", "events_event_statistics")
PAGES = [
    DASHBOARD,
    EventPage("Invitations", "forward_to_inbox", "participants_eventinvitation_changelist", "event"),
    EventPage("Registrations", "how_to_reg", "participants_registration_changelist", "event"),
    INTAKE,
    EventPage("Racers", "sports_motorsports", "participants_racerprofile_changelist", "event"),
    EventPage("Quotas", "rule", "events_quotapolicy_changelist", "event"),
    EventPage("Budget", "savings", "events_budget_changelist", "event"),
    EventPage("Races", "flag", "events_race_changelist", "event"),
    EventPage("Operations", "checklist", "participants_operation_changelist", "event"),
    PREFLIGHT,
    STATISTICS,
    EventPage("Off-boarding", "verified", "events_event_offboarding"),
    EventPage("Audit trail", "history", "audit_auditentry_changelist", "event"),
    SETTINGS,
]


def list_event_pages(request: HttpRequest, event: Event, current: EventPage) -> list[dict[str, Any]]:
    """For `admin/event_pages.html`: what this person may open."""
    return [
        {
            "title": page.title,
            "icon": page.icon,
            "href": page.find_address(event),
            "is_current": page == current,
        }
        for page in PAGES
        if may(request, page.role)
    ]
