"""An event's off-boarding: the answer first, then who and which step, when, and how it was read back."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from unfold.decorators import action

from events.models import Event
from paddock.audit.reasons import read_reason
from paddock.csv_files import write_csv
from paddock.tenancy.admin_base import TenantAdmin, may, show_time
from paddock.tenancy.models import Membership
from participants.admin.actions import find_object
from participants.admin.confirmation_flow import find_address
from participants.admin.labels import STEP
from participants.admin.offboarding_actions import END_EVENT
from participants.convergence.kinds import get_kind
from participants.domain.offboarding.kinds import REGISTRATION_KINDS
from participants.domain.offboarding.proof import (
    Outcome,
    Tally,
    count_outcomes,
    find_event_steps,
    find_removed,
    find_steps_of,
    list_evidence,
)
from participants.domain.offboarding.retrying import retry_quarantined
from participants.models import Registration, Step

ON_A_PAGE = 50
OUTCOMES = {Outcome.QUARANTINED: "Quarantined", Outcome.GOING: "Going", Outcome.GONE: "Gone"}
COLOURS = {Outcome.QUARANTINED: "danger", Outcome.GOING: "info", Outcome.GONE: "success"}
MARKS = {Step.State.DONE: "✓", Step.State.FAILED: "!", Step.State.CLAIMED: "…", Step.State.READY: "…"}
WORDS = {
    Step.State.DONE: "Done",
    Step.State.FAILED: "Quarantined",
    Step.State.CLAIMED: "In work",
    Step.State.READY: "Due",
    Step.State.BLOCKED: "Waits",
}


class OffboardingPages(TenantAdmin):
    """Pages of an event's admin."""

    def get_urls(self) -> list[URLPattern]:
        views = {"": self.proof_view, "answer/": self.answer_view, "csv/": self.csv_view}
        pages = [
            path(
                f"<path:object_id>/offboarding/{where}",
                self.admin_site.admin_view(require_GET(view)),
                name=f"events_event_offboarding{('_' + where.rstrip('/')) if where else ''}",
            )
            for where, view in views.items()
        ]
        retry = self.admin_site.admin_view(require_POST(self.retry_view))
        pages.append(path("<path:object_id>/offboarding/retry/", retry, name="events_event_offboarding_retry"))
        rest: list[URLPattern] = super().get_urls()
        return [*pages, *rest]

    @action(description="Off-boarding", icon="verified", permissions=["view"], url_path="to-offboarding")  # type: ignore[untyped-decorator]
    def see_offboarding(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(_link(find_object(self, request, object_id)))

    def proof_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event: Event = find_object(self, request, object_id)
        filters = read_filters(request)
        page = Paginator(find_removed(event=event, **filters), ON_A_PAGE).get_page(request.GET.get("p"))
        steps = find_steps_of(page.object_list)
        context = {
            **self.admin_site.each_context(request),
            "title": "Off-boarding",
            "opts": self.opts,
            "event": event,
            "answer": show_answer(event),
            "event_steps": [show_step(step, event) for step in find_event_steps(event=event)],
            "kinds": [{"name": name, "title": get_kind(name).title} for name in REGISTRATION_KINDS],
            "people": [show_person(each, steps[each.pk], event) for each in page.object_list],
            "page": page,
            "filters": filters,
            "outcomes": [{"value": each.value, "word": OUTCOMES[each]} for each in Outcome],
            "rest_of_query": urlencode(_to_query(filters)),
            "may_organize": may(request, Membership.Role.ORGANIZER),
            "end_address": f"{find_address(Event, END_EVENT)}?id={event.pk}",
            "links": {
                "csv": _link(event, "csv"),
                "retry": _link(event, "retry"),
                "event": reverse("admin:events_event_change", args=[event.pk]),
            },
        }
        return TemplateResponse(request, "admin/offboarding/proof.html", context)

    def answer_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event: Event = find_object(self, request, object_id)
        return TemplateResponse(request, "admin/offboarding/answer.html", {"answer": show_answer(event)})

    def csv_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        event: Event = find_object(self, request, object_id)
        header = ["Who", "E-mail", "Step", "State", "When", "Read back how"]
        rows = [_to_row(step, event) for step in list_evidence(event=event)]
        return write_csv(f"{event.slug}-offboarding.csv", header, rows)

    def retry_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """All that is quarantined, or what is of one person."""
        if not may(request, Membership.Role.ORGANIZER):
            raise PermissionDenied
        event: Event = find_object(self, request, object_id)
        chosen = request.POST.get("registration", "")
        retried = retry_quarantined(
            event=event,
            actor=cast(AbstractBaseUser, request.user),
            registration_id=int(chosen) if chosen.isdecimal() else None,
            reason=read_reason(request),
        )
        tried = "1 step is" if retried == 1 else f"{retried} steps are"
        level = messages.SUCCESS if retried else messages.WARNING
        self.message_user(request, f"{tried} tried again now.", level)
        return HttpResponseRedirect(_link(event))


def _link(event: Event, what: str = "") -> str:
    return reverse(f"admin:events_event_offboarding{'_' + what if what else ''}", args=[event.pk])


def read_filters(request: HttpRequest) -> dict[str, str]:
    """What is not offered filters nothing."""
    outcome, waits_for = request.GET.get("outcome", ""), request.GET.get("step", "")
    return {
        "outcome": outcome if outcome in list(Outcome) else "",
        "waits_for": waits_for if waits_for in REGISTRATION_KINDS else "",
        "search": request.GET.get("q", "").replace("\0", "")[:100],
    }


def _to_query(filters: Mapping[str, str]) -> dict[str, str]:
    names = {"outcome": "outcome", "waits_for": "step", "search": "q"}
    return {names[key]: value for key, value in filters.items() if value}


def show_answer(event: Event) -> dict[str, Any]:
    tally = count_outcomes(event=event)
    return {
        "tally": tally,
        "word": _word_answer(event, tally),
        "variant": _colour_answer(tally),
        "refresh": "" if tally.is_over else _link(event, "answer"),
        "numbers": [
            {
                "label": OUTCOMES[outcome],
                "number": getattr(tally, outcome.value),
                "variant": COLOURS[outcome],
                "href": f"{_link(event)}?outcome={outcome.value}",
            }
            for outcome in (Outcome.GONE, Outcome.GOING, Outcome.QUARANTINED)
        ],
    }


def _word_answer(event: Event, tally: Tally) -> str:
    if not tally.total and event.offboarding_at is None:
        return "Nobody has been removed."
    if tally.is_proven:
        return "All gone, and read back." if tally.total else "Nobody was there, and access is closed."
    parts = [f"{tally.going} to go"] if tally.going else []
    parts += [f"{tally.quarantined} quarantined"] if tally.quarantined else []
    if tally.event_steps_failed:
        parts.append("the event's own access needs a hand")
    elif not parts:
        parts.append("the event's own access is being closed")
    sentence = ", ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _colour_answer(tally: Tally) -> str:
    if tally.quarantined or tally.event_steps_failed:
        return "danger"
    return "success" if tally.is_proven else "info"


def show_person(registration: Registration, steps: Mapping[str, Step], event: Event) -> dict[str, Any]:
    outcome = Outcome(registration.outcome)  # type: ignore[attr-defined]
    return {
        "pk": registration.pk,
        "name": str(registration.participant),
        "email": registration.participant.email,
        "href": reverse("admin:participants_registration_change", args=[registration.pk]),
        "outcome": OUTCOMES[outcome],
        "variant": COLOURS[outcome],
        "is_quarantined": outcome is Outcome.QUARANTINED,
        "steps": [show_step(steps[kind], event) for kind in REGISTRATION_KINDS if kind in steps],
    }


def show_step(step: Step, event: Event) -> dict[str, Any]:
    state = Step.State(step.state)
    return {
        "title": get_kind(step.kind).title,
        "state": state.value,
        "mark": MARKS.get(state, "·"),
        "word": WORDS[state],
        "variant": STEP[state],
        "detail": step.detail,
        "when": show_time(step.done_at, event.zone) if step.done_at else "",
    }


def _to_row(step: Step, event: Event) -> list[str]:
    person = step.registration.participant if step.registration else None
    done_at = timezone.localtime(step.done_at, event.zone).isoformat(timespec="seconds") if step.done_at else ""
    return [
        str(person) if person else f"The event “{event}”",
        person.email if person else "",
        get_kind(step.kind).title,
        WORDS[Step.State(step.state)],
        done_at,
        step.detail,
    ]
