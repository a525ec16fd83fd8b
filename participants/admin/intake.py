"""An event's intake: how far it is, what needs a hand, and a try before it begins."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from events.models import Event, Intake
from integrations.errors import IntegrationError
from integrations.intake.dynamodb.items import parse_item, read_value
from paddock.tenancy.admin_base import TenantAdmin, may, show_label, show_time
from paddock.tenancy.models import Membership
from participants.admin.actions import find_actor, find_object
from participants.admin.dashboard import say_when
from participants.admin.event_pages import INTAKE, list_event_pages
from participants.domain.intake.retrying import RETRIABLE, request_retry
from participants.domain.intake.standing import Doing, IntakeStanding, see_standing
from participants.domain.intake.switching import switch_intake
from participants.domain.intake.trying import Trial, show_key, try_items
from participants.models import IntakeItem

State = IntakeItem.State
NAME = "admin:events_event_intake"
ON_A_PAGE = 50
COLOURS = {
    State.REGISTERED: "success",
    State.CHANGED: "info",
    State.WAITING: "warning",
    State.UNMAPPED: "danger",
    State.DELETED: "default",
}


class IntakePages(TenantAdmin):
    """Pages of an event's admin."""

    def get_urls(self) -> list[URLPattern]:
        views = {"": require_GET(self.intake_view), "standing/": require_GET(self.intake_standing_view)}
        views |= {
            "try/": require_POST(self.intake_try_view),
            "retry/": require_POST(self.intake_retry_view),
            "switch/": require_POST(self.intake_switch_view),
        }
        pages = [
            path(
                f"<path:object_id>/intake/{where}",
                self.admin_site.admin_view(view),
                name=f"events_event_intake{('_' + where.rstrip('/')) if where else ''}",
            )
            for where, view in views.items()
        ]
        rest: list[URLPattern] = super().get_urls()
        return [*pages, *rest]

    def intake_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._show(request, find_object(self, request, object_id))

    def intake_standing_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event: Event = find_object(self, request, object_id)
        return TemplateResponse(request, "admin/intake/standing.html", {"standing": show_standing(_require(event))})

    def intake_try_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event, intake = self._find_for_change(request, object_id)
        try:
            trials = try_items(intake=intake)
        except IntegrationError as error:
            return self._show(request, event, problem=str(error))
        return self._show(request, event, trials=trials)

    def intake_retry_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The chosen ones, or all of them."""
        event, intake = self._find_for_change(request, object_id)
        chosen = [int(each) for each in request.POST.getlist("item") if each.isdecimal() and len(each) < 19]
        everything = "all" in request.POST
        if not chosen and not everything:
            self.message_user(request, "Choose what to try again first.", messages.WARNING)
            return HttpResponseRedirect(_link(event))
        number = request_retry(intake=intake, actor=find_actor(request), item_ids=None if everything else chosen)
        tried = "1 item is" if number == 1 else f"{number} items are"
        level = messages.SUCCESS if number else messages.WARNING
        self.message_user(request, f"{tried} tried again now. Reload this page in a moment.", level)
        return HttpResponseRedirect(_link(event))

    def intake_switch_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event, intake = self._find_for_change(request, object_id)
        on = request.POST.get("on") == "1"
        switch_intake(intake=intake, on=on, actor=find_actor(request))
        said = "The table is read from now on." if on else "Paused. Paddock keeps the place that it has read to."
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(_link(event))

    def _find_for_change(self, request: HttpRequest, object_id: str) -> tuple[Event, Intake]:
        if not may(request, Membership.Role.ORGANIZER):
            raise PermissionDenied
        event: Event = find_object(self, request, object_id)
        return event, _require(event)

    def _show(
        self, request: HttpRequest, event: Event, *, trials: list[Trial] | None = None, problem: str = ""
    ) -> HttpResponse:
        intake = _find(event)
        context = {
            **self.admin_site.each_context(request),
            "title": "Intake",
            "opts": self.opts,
            "event": event,
            "when": say_when(event),
            "pages": list_event_pages(request, event, INTAKE),
            "intake": intake,
            "may_organize": may(request, Membership.Role.ORGANIZER),
            "links": _list_links(event, intake),
            "trials": None if trials is None else [show_trial(trial) for trial in trials],
            "problem": problem,
        }
        if intake:
            context |= {"standing": show_standing(intake), **_show_items(request, intake)}
        return TemplateResponse(request, "admin/intake/page.html", context)


def _find(event: Event) -> Intake | None:
    return Intake.objects.filter(event=event).select_related("event").first()


def _require(event: Event) -> Intake:
    intake = _find(event)
    if intake is None:
        raise Http404("This event has no intake.")
    return intake


def _link(event: Event, what: str = "") -> str:
    return reverse(f"{NAME}{'_' + what if what else ''}", args=[event.pk])


def _list_links(event: Event, intake: Intake | None) -> dict[str, str]:
    return {
        "add": reverse("admin:events_intake_add", query={"event": event.pk}),
        "settings": reverse("admin:events_intake_change", args=[intake.pk]) if intake else "",
        **{what: _link(event, what) for what in ("try", "retry", "switch")},
    }


def show_standing(intake: Intake) -> dict[str, Any]:
    standing = see_standing(intake)
    zone = intake.event.zone
    is_moving = standing.doing in (Doing.WAITING, Doing.SCANNING)
    return {
        "word": word_standing(intake, standing),
        "variant": _colour(intake, standing),
        "problem": intake.read_error,
        "is_scanning": standing.doing is Doing.SCANNING,
        "scanned": min(intake.scan_count, intake.item_estimate),
        "estimate": intake.item_estimate,
        "refresh": _link(intake.event, "standing") if is_moving else "",
        "numbers": [
            {
                "label": state.label,
                "number": number,
                "variant": COLOURS[state],
                "href": f"{_link(intake.event)}?{urlencode({'state': state.value})}",
            }
            for state, number in standing.counts.items()
        ],
        "facts": [
            ("Table", f"{intake.table_name} in {intake.region}"),
            ("Items read", f"{intake.scan_count:,} from the table, {intake.record_count:,} from its stream"),
            ("Last written in the portal", show_time(intake.last_written_at, zone)),
            ("Read up to", show_time(standing.as_of, zone)),
        ],
        "scan_reason": intake.scan_reason,
    }


def word_standing(intake: Intake, standing: IntakeStanding) -> str:
    match standing.doing:
        case Doing.PAUSED:
            return "Paused: nothing is read."
        case Doing.OVER:
            return "The event is over: the table is not read any more."
        case Doing.WAITING:
            return "About to read the table."
        case Doing.SCANNING:
            return f"Reading the whole table: {intake.scan_count:,} of about {intake.item_estimate:,} items."
    if standing.is_behind:
        minutes = int(standing.lag.total_seconds() // 60)
        return f"Behind by {minutes} min." if minutes < 120 else f"Behind by {minutes // 60} h."
    return "Up to date: whoever registers in the portal is here within the minute."


def _colour(intake: Intake, standing: IntakeStanding) -> str:
    if intake.read_error and standing.doing not in (Doing.PAUSED, Doing.OVER):
        return "danger"
    if standing.doing in (Doing.PAUSED, Doing.OVER):
        return "none"
    return "warning" if standing.is_behind or standing.doing is not Doing.FOLLOWING else "success"


def show_trial(trial: Trial) -> dict[str, Any]:
    person = trial.applicant
    return {
        "key": trial.key,
        "name": f"{person.given_name} {person.family_name}" if person else "",
        "email": person.email if person else "",
        "alias": person.racer_alias if person else "",
        "answers": [(label, _word(answer)) for label, answer in trial.answers.items()],
        "reason": trial.reason,
    }


def _word(answer: object) -> str:
    if isinstance(answer, bool):
        return "Yes" if answer else "No"
    return ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)


def _show_items(request: HttpRequest, intake: Intake) -> dict[str, Any]:
    """What needs a hand, unless something else is asked for."""
    state = request.GET.get("state", "")
    chosen = [State(state)] if state in State.values else [*RETRIABLE, State.CHANGED]
    items = IntakeItem.objects.filter(intake=intake, state__in=chosen).select_related("registration__participant")
    page = Paginator(items, ON_A_PAGE).get_page(request.GET.get("p"))
    return {
        "page": page,
        "items": [show_item(item, intake) for item in page.object_list],
        "state": state if state in State.values else "",
        "heading": State(state).label if state in State.values else "What to look at",
        "can_retry": IntakeItem.objects.filter(intake=intake, state__in=RETRIABLE).exists(),
    }


def show_item(item: IntakeItem, intake: Intake) -> dict[str, Any]:
    state, registration = State(item.state), item.registration
    return {
        "pk": item.pk,
        "key": show_key(parse_item(item.key)),
        "state": show_label(state.value, str(state.label), {each.value: colour for each, colour in COLOURS.items()}),
        "reason": item.reason,
        "seen": show_time(item.seen_at, intake.event.zone),
        "content": _show_content(item.content),
        "can_retry": state in RETRIABLE,
        "is_tried": item.wants_retry,
        "person": str(registration.participant) if registration else "",
        "href": reverse("admin:participants_registration_change", args=[registration.pk]) if registration else "",
    }


def _show_content(content: str) -> str:
    if not content:
        return ""
    plain = {name: read_value(value) for name, value in parse_item(content).items()}
    return json.dumps(plain, indent=2, sort_keys=True)
