"""An event's preflight: one button, the verdict, a light for everything that it needs, and its forecast."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST
from unfold.decorators import action

from events.domain.forecast import Crowd
from events.models import Event
from paddock.audit.reasons import read_reason
from paddock.money import show_dollars
from paddock.tenancy.admin_base import TenantAdmin, may, show_time
from paddock.tenancy.models import Membership
from participants.admin.actions import find_actor, find_object
from participants.admin.dashboard import say_when
from participants.admin.event_pages import PREFLIGHT, list_event_pages
from participants.domain.forecasting import AccountForecast, EventForecast, foresee_event
from participants.domain.preflight.accounts import say_hours
from participants.domain.preflight.checks import Light, find_worst
from participants.domain.preflight.running import Standing, see_standing, start_preflight
from participants.models import PreflightRun

WORDS = {
    Light.GREEN: "Good",
    Light.AMBER: "Look at it",
    Light.RED: "Mend it",
    Light.SKIPPED: "Skipped",
    Light.WAITING: "Waits",
}
COUNTED = {Light.RED: "to mend", Light.AMBER: "to look at", Light.GREEN: "good"}
MARKS = {Light.GREEN: "✓", Light.AMBER: "!", Light.RED: "✕", Light.SKIPPED: "-", Light.WAITING: "…"}
COLOURS = {Light.GREEN: "success", Light.AMBER: "warning", Light.RED: "danger"}
NAME = "admin:events_event_preflight"


class PreflightPages(TenantAdmin):
    """Pages of an event's admin."""

    def get_urls(self) -> list[URLPattern]:
        views = {"": require_GET(self.preflight_view), "lines/": require_GET(self.preflight_lines_view)}
        views["start/"] = require_POST(self.preflight_start_view)
        pages = [
            path(
                f"<path:object_id>/preflight/{where}",
                self.admin_site.admin_view(view),
                name=f"events_event_preflight{('_' + where.rstrip('/')) if where else ''}",
            )
            for where, view in views.items()
        ]
        rest: list[URLPattern] = super().get_urls()
        return [*pages, *rest]

    @action(description="Preflight", icon="checklist", permissions=["view"], url_path="to-preflight")  # type: ignore[untyped-decorator]
    def see_preflight(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse(NAME, args=[find_object(self, request, object_id).pk]))

    def preflight_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event: Event = find_object(self, request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": "Preflight",
            "opts": self.opts,
            "event": event,
            "when": say_when(event),
            "pages": list_event_pages(request, event, PREFLIGHT),
            "run": show_run(event),
            "forecast": show_forecast(event),
            "may_organize": may(request, Membership.Role.ORGANIZER),
            "start_address": reverse(f"{NAME}_start", args=[event.pk]),
        }
        return TemplateResponse(request, "admin/preflight/page.html", context)

    def preflight_lines_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event: Event = find_object(self, request, object_id)
        return TemplateResponse(request, "admin/preflight/run.html", {"run": show_run(event)})

    def preflight_start_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not may(request, Membership.Role.ORGANIZER):
            raise PermissionDenied
        event: Event = find_object(self, request, object_id)
        latest = _find_latest(event)
        if latest and _is_under_way(see_standing(latest)):
            self.message_user(request, "A preflight is under way already.", messages.WARNING)
        else:
            start_preflight(of=event, actor=find_actor(request), reason=read_reason(request))
        return HttpResponseRedirect(reverse(NAME, args=[event.pk]))


def _find_latest(event: Event) -> PreflightRun | None:
    return PreflightRun.objects.filter(event=event).select_related("started_by").first()


def _is_under_way(standing: Standing) -> bool:
    return not standing.is_over and not standing.is_broken_off


def show_run(event: Event) -> dict[str, Any]:
    run = _find_latest(event)
    if run is None:
        return {"word": "Not looked at yet.", "variant": "none", "groups": [], "numbers": [], "refresh": ""}
    standing = see_standing(run)
    is_under_way = _is_under_way(standing)
    return {
        "word": _word_verdict(run, standing),
        "variant": "info" if is_under_way else COLOURS.get(standing.worst, "warning"),
        "standing": standing,
        "is_under_way": is_under_way,
        "refresh": reverse(f"{NAME}_lines", args=[event.pk]) if is_under_way else "",
        "when": show_time(run.finished_at or run.started_at, event.zone),
        "by": run.started_by.email if run.started_by else run.started_by_name,
        "numbers": [
            {"mark": MARKS[light], "light": light.value, "word": COUNTED[light], "number": number}
            for light in (Light.RED, Light.AMBER, Light.GREEN)
            if (number := _count(run, light))
        ],
        "groups": [
            _show_group(title, list(lines)) for title, lines in groupby(run.lines, key=lambda line: str(line["group"]))
        ],
    }


def _count(run: PreflightRun, light: Light) -> int:
    return sum(line["light"] == light for line in run.lines)


def _word_verdict(run: PreflightRun, standing: Standing) -> str:
    if standing.is_broken_off:
        return "Broken off: its worker has gone. Run it again."
    if not standing.is_over:
        return f"Looking… {standing.looked_at} of {standing.total}"
    reds, ambers = _count(run, Light.RED), _count(run, Light.AMBER)
    if reds:
        return f"Not ready: {reds} to mend" + (f", {ambers} to look at" if ambers else "")
    return f"Ready, with {ambers} to look at" if ambers else "Ready to race"


def _show_group(title: str, lines: Iterable[dict[str, str]]) -> dict[str, Any]:
    lines = list(lines)
    return {
        "title": title,
        "light": find_worst(line["light"] for line in lines).value,
        "lines": [{**line, "mark": MARKS[Light(line["light"])], "word": WORDS[Light(line["light"])]} for line in lines],
    }


def show_forecast(event: Event) -> dict[str, Any]:
    forecast = foresee_event(event=event)
    return {
        "people": forecast.expectation.people,
        "source": forecast.expectation.source,
        "worst_cost": show_dollars(forecast.worst_cost) if forecast.worst_cost is not None else "Unknown",
        "accounts": [_show_account(each, forecast) for each in forecast.accounts],
    }


def _show_account(each: AccountForecast, whole: EventForecast) -> dict[str, Any]:
    sponsor, assumptions = each.account.sponsoring_account, each.forecast.assumptions
    most = max(sponsor.max_training_jobs, *(crowd.jobs for crowd in each.forecast.crowds), 1)
    return {
        "name": str(sponsor),
        "href": reverse("admin:events_sponsoringaccount_change", args=[sponsor.pk]),
        "people": assumptions.people,
        "registered": each.registered,
        "share": each.account.share,
        "has_share": len(whole.accounts) > 1,
        "places": sponsor.max_training_jobs,
        "limit_at": round(100 * sponsor.max_training_jobs / most, 2),
        "crowds": [_show_crowd(crowd, most) for crowd in each.forecast.crowds],
        "worst_cost": _word_cost(each),
        "fit": _word_fit(each),
        "fits": each.forecast.fits,
    }


def _show_crowd(crowd: Crowd, most: int) -> dict[str, Any]:
    """Widths are in percent of the drawing."""
    training = crowd.jobs - crowd.waiting
    return {
        "name": crowd.name,
        "jobs": crowd.jobs,
        "waiting": crowd.waiting,
        "wait": say_hours(crowd.longest_wait_minutes) if crowd.waiting else "",
        "training_width": round(100 * training / most, 2),
        "waiting_width": round(100 * crowd.waiting / most, 2),
    }


def _word_cost(each: AccountForecast) -> str:
    assumptions = each.forecast.assumptions
    if each.forecast.worst_cost is not None:
        return show_dollars(each.forecast.worst_cost)
    return "No end: there is no quota" if assumptions.quota_minutes is None else "Unknown: there is no price"


def _word_fit(each: AccountForecast) -> str:
    needed, lasts = each.forecast.minutes_needed, say_hours(each.forecast.assumptions.event_minutes)
    if needed is None:
        return "There is no quota to fit"
    verb = "Yes" if each.forecast.fits else "No"
    return f"{verb}: {say_hours(needed)} with every place taken, and the event lasts {lasts}"
