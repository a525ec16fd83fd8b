"""What the first page of the admin shows."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from events.models import Event, SponsoringAccount
from paddock.money import show_dollars
from paddock.tenancy.admin_base import may, show_time
from paddock.tenancy.models import Membership
from participants.admin.budget_panel import describe_freeze
from participants.admin.components import list_numbers, view_step
from participants.admin.dashboard import link_dashboard, show_budget
from participants.admin.steps import describe_step
from participants.admin.words import word_hours
from participants.domain.guard.overview import find_freezes
from participants.domain.overview import EventView, Overview, Trouble, see_overview
from participants.domain.standings import Standing
from participants.models import Step

COLOURS = {
    "ready": "paddock-bar-ready",
    "preparing": "paddock-bar-preparing",
    "registered": "paddock-bar-registered",
    "failed": "paddock-bar-failed",
}


def add_overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The pit wall of the current organization; an operator without one is told how to begin."""
    if getattr(request, "organization", None) is None:
        return context
    events = admin.site.get_model_admin(Event).get_queryset(request)
    overview = see_overview(events=events)
    freezes = find_freezes(events=[view.event for view in overview.events])
    return context | {
        "pit_wall": {
            "events": [_show_event(view, freezes.get(view.event.pk, [])) for view in overview.events],
            "later": overview.later,
            "troubles": [_show_trouble(trouble) for trouble in overview.troubles],
            "failed_steps": overview.failed_steps,
            "failed_link": _link_steps(state__exact=Step.State.FAILED),
            "oldest": _show_oldest(overview),
            "may_organize": may(request, Membership.Role.ORGANIZER),
        }
    }


def _show_event(view: EventView, freezes: Sequence[Event | SponsoringAccount]) -> dict[str, Any]:
    event = view.event
    return {
        "title": event.title,
        "href": link_dashboard(event),
        "when": _say_when(view),
        "is_running": view.is_running,
        "is_published": event.is_published,
        "capacity": event.capacity,
        "numbers": list_numbers(event, view.standing),
        "bar": _draw_bar(view.standing),
        "steps": [view_step(step) for step in view.steps],
        "usage": _show_usage(view),
        "freezes": [describe_freeze(each) for each in freezes],
    }


def _show_usage(view: EventView) -> dict[str, Any]:
    usage = view.usage
    return {
        "has_begun": bool(usage.training_seconds or usage.spent or usage.exposure or view.budget),
        "hours": word_hours(usage.training_seconds),
        "spent": show_dollars(usage.spent),
        "exposure": show_dollars(usage.exposure) if usage.exposure else "",
        "training_now": usage.training_now,
        **show_budget(usage.spent, usage.exposure, view.budget),
    }


def _say_when(view: EventView) -> str:
    event = view.event
    if view.is_running:
        return f"Until {show_time(event.ends_at, event.zone)}"
    return f"Starts {show_time(event.starts_at, event.zone)}"


def _draw_bar(standing: Standing) -> list[dict[str, Any]]:
    """Shares in percent, in the order in which people move."""
    total = max(standing.total, 1)
    return [
        {"title": name.capitalize(), "value": round(100 * getattr(standing, name) / total, 1), "progress_class": colour}
        for name, colour in COLOURS.items()
        if getattr(standing, name)
    ]


def _show_trouble(trouble: Trouble) -> dict[str, Any]:
    step = trouble.latest
    return {
        "number": trouble.number,
        "title": describe_step(step),
        "event": str(step.event),
        "reason": step.detail,
        "href": _link_steps(state__exact=Step.State.FAILED, kind=step.kind, event=step.event_id),
    }


def _show_oldest(overview: Overview) -> dict[str, Any] | None:
    step = overview.oldest_wait
    if step is None:
        return None
    return {
        "title": describe_step(step),
        "who": step.registration.participant.email if step.registration else "the event",
        "event": str(step.event),
        "since": overview.waiting_since,
        "detail": step.detail,
        "href": reverse("admin:participants_step_change", args=[step.pk]),
    }


def _link_steps(**filters: object) -> str:
    return f"{reverse('admin:participants_step_changelist')}?{urlencode(filters)}"
