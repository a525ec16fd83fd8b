"""The dashboard of an event. Its parts ask again by themselves, and change on the page only when they are others."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET

from events.models import Event
from paddock.audit.models import AuditEntry
from paddock.money import show_dollars
from paddock.tenancy.admin_base import TenantAdmin, show_time
from participants.admin.actions import find_object
from participants.admin.charts import draw_bar
from participants.admin.dashboard_charts import show_charts
from participants.admin.dashboard_concerns import show_concern
from participants.admin.event_pages import DASHBOARD, list_event_pages
from participants.admin.operations import find_word
from participants.admin.words import word_hours, word_seconds
from participants.domain.dashboard.activity import RunningOperation, find_running_operations, list_recent_actions
from participants.domain.dashboard.funnel import Funnel, see_funnel
from participants.domain.dashboard.sight import Sight
from participants.domain.dashboard.spending import Money
from participants.domain.dashboard.trainers import Trainer, find_top_trainers


class DashboardPages(TenantAdmin):
    """Pages of an event's admin. `PARTS` are asked for by name."""

    def get_urls(self) -> list[URLPattern]:
        view, part = self.dashboard_view, self.dashboard_part_view
        pages = [
            path(
                "<path:object_id>/dashboard/",
                self.admin_site.admin_view(require_GET(view)),
                name="events_event_dashboard",
            ),
            path(
                "<path:object_id>/dashboard/<slug:name>/",
                self.admin_site.admin_view(require_GET(part)),
                name="events_event_dashboard_part",
            ),
        ]
        rest: list[URLPattern] = super().get_urls()
        return [*pages, *rest]

    def dashboard_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event: Event = find_object(self, request, object_id)
        sight = Sight(event)
        context = {
            **self.admin_site.each_context(request),
            "title": "Dashboard",
            "opts": self.opts,
            "event": event,
            "when": say_when(event),
            "pages": list_event_pages(request, event, DASHBOARD),
            "parts": [render_part(name, sight) for name in PARTS],
        }
        return TemplateResponse(request, "admin/dashboard/page.html", context)

    def dashboard_part_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Nothing where the page shows it already, so that nobody loses their place for nothing."""
        event: Event = find_object(self, request, object_id)
        if name not in PARTS:
            return HttpResponse(status=404)
        part = render_part(name, Sight(event))
        if part["digest"] == request.GET.get("seen"):
            return HttpResponse(status=204)
        return TemplateResponse(request, "admin/dashboard/part.html", {"part": part})


def link_dashboard(event: Event) -> str:
    return reverse("admin:events_event_dashboard", args=[event.pk])


def say_when(event: Event) -> str:
    return f"{show_time(event.starts_at, event.zone)} to {show_time(event.ends_at, event.zone)}"


def render_part(name: str, sight: Sight) -> dict[str, Any]:
    """With a digest of what it says: whoever sees this already need not be told again."""
    html = render_to_string(f"admin/dashboard/{name}.html", PARTS[name](sight))
    return {
        "name": name,
        "html": html,
        "digest": hashlib.sha256(html.encode()).hexdigest()[:16],
        "address": reverse("admin:events_event_dashboard_part", args=[sight.event.pk, name]),
    }


def _see_numbers(sight: Sight) -> dict[str, Any]:
    event = sight.event
    return {"event": event, "stages": _show_funnel(see_funnel(event=event)), "money": _show_money(sight.money, event)}


def _see_charts(sight: Sight) -> dict[str, Any]:
    return {"charts": show_charts(sight.money)}


def _see_work(sight: Sight) -> dict[str, Any]:
    event = sight.event
    return {
        "concerns": [show_concern(concern, event) for concern in sight.concerns],
        "operations": [_show_operation(each) for each in find_running_operations(event=event)],
        "trainers": _show_trainers(find_top_trainers(event=event)),
        "actions": [_show_action(entry, event) for entry in list_recent_actions(event=event)],
        "audit_href": reverse("admin:audit_auditentry_changelist", query={"event": event.pk}),
    }


PARTS: dict[str, Callable[[Sight], dict[str, Any]]] = {
    "numbers": _see_numbers,
    "charts": _see_charts,
    "work": _see_work,
}


def _show_funnel(funnel: Funnel) -> list[dict[str, Any]]:
    """Each stage with its share of everybody who registered; the frame is who could or should."""
    frame = funnel.expected or funnel.places
    word = "expected" if funnel.expected else "places"
    notes = {
        "Invited": "",
        "Registered": f"of {frame:,} {word}" if frame else "",
        "Got in": _word_share(funnel.got_in, funnel.registered),
        "Trained": _word_share(funnel.trained, funnel.registered),
    }
    numbers = {"Invited": funnel.invited} if funnel.invited else {}
    numbers |= {"Registered": funnel.registered, "Got in": funnel.got_in, "Trained": funnel.trained}
    whole = max(funnel.invited, funnel.registered, frame or 0)
    if funnel.removed:
        notes["Registered"] = ", ".join(filter(None, [notes["Registered"], f"{funnel.removed:,} removed since"]))
    return [
        {
            "title": title,
            "number": number,
            "note": notes[title],
            "parts": draw_bar([(number, "people", "")], whole=whole),
        }
        for title, number in numbers.items()
    ]


def _word_share(number: int, whole: int) -> str:
    return f"{100 * number / whole:.0f} % of those who registered" if whole else ""


def _show_money(money: Money, event: Event) -> dict[str, Any]:
    usage, figures = money.usage, money.figures
    return {
        "hours": word_hours(usage.training_seconds),
        "training_now": usage.training_now,
        "spent": show_dollars(usage.spent),
        "exposure": show_dollars(usage.exposure),
        "as_of": show_time(usage.as_of, event.zone) if usage.as_of else "",
        **show_budget(usage.spent, usage.exposure, figures.amount if figures else None),
    }


def show_budget(spent: int, exposure: int, amount: int | None) -> dict[str, Any]:
    """A bar of what is spent and what may follow, within the budget; none without one."""
    if not amount:
        return {"budget": "", "share": "", "bar": []}
    parts = [
        (spent, "over" if spent >= amount else "spent", f"Spent: {show_dollars(spent)}"),
        (exposure, "exposed", f"Running and queued, at worst: {show_dollars(exposure)}"),
    ]
    return {
        "budget": show_dollars(amount),
        "share": f"{100 * spent / amount:.0f} %",
        "bar": draw_bar(parts, whole=max(amount, spent)),
    }


def _show_operation(running: RunningOperation) -> dict[str, Any]:
    operation, progress = running.operation, running.progress
    return {
        "pk": operation.pk,
        "title": operation.title,
        "href": reverse("admin:participants_operation_change", args=[operation.pk]),
        "word": find_word(progress),
        "progress": progress,
    }


def _show_trainers(trainers: list[Trainer]) -> list[dict[str, Any]]:
    most = max((each.balance.used for each in trainers), default=0)
    return [
        {
            "name": str(each.registration.participant),
            "href": reverse("admin:participants_registration_change", args=[each.registration.pk]),
            "used": word_hours(each.balance.used),
            "queued": word_seconds(each.balance.queued) if each.balance.queued else "",
            "left": "no limit" if each.balance.left is None else f"{word_hours(each.balance.left)} left",
            "parts": draw_bar([(each.balance.used, "people", "")], whole=most),
        }
        for each in trainers
    ]


def _show_action(entry: AuditEntry, event: Event) -> dict[str, str]:
    return {
        "who": entry.actor_name,
        "what": entry.action,
        "about": "" if entry.object_type == "event" else entry.object_name,
        "why": entry.reason,
        "when": show_time(entry.at, event.zone),
        "href": reverse("admin:audit_auditentry_change", args=[entry.pk]),
    }
