"""Where a registration stands: a page that moves by itself, and the same as JSON."""

import hashlib
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views import View

from participants.domain.races.addresses import RaceView, list_public_races, list_races_of
from participants.domain.status import StatusView as RegistrationStatus
from participants.domain.status import StepView, find_by_token, see_status
from participants.models import Registration, Step

Status = Registration.Status

HEADLINES = {
    Status.REGISTERED: "You're registered",
    Status.PREPARING: "Preparing your access",
    Status.READY: "You're in",
    Status.FAILED: "We could not let you in yet",
    Status.REMOVING: "Your access is being closed",
    Status.REMOVED: "Your access is closed",
}
# To a program, a step that is due would read as if somebody were ready.
PROGRAM_STATES = {
    Step.State.BLOCKED: "waiting",
    Step.State.READY: "working",
    Step.State.CLAIMED: "working",
    Step.State.DONE: "done",
    Step.State.FAILED: "failed",
}
MOVING = {Status.REGISTERED, Status.PREPARING, Status.REMOVING}
# Most people are through within a minute; whoever waits longer waits for a directory, which nobody hurries by asking.
QUICK_SECONDS, SLOW_SECONDS = 2, 10
QUICK_FOR = timedelta(minutes=1)


class StatusView(View):
    """The address is the secret that opens it, so that nothing of it is kept, and it is named to nobody."""

    def get(self, request: HttpRequest, organization: str, event: str, token: str) -> HttpResponse:
        registration = find_by_token(event_slug=event, token=token)
        wants_page = request.get_preferred_type(["application/json", "text/html"]) == "text/html"
        response = _answer_page(request, registration) if wants_page else _answer_json(registration)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        patch_vary_headers(response, ["Accept"])
        return response


def _answer_json(registration: Registration | None) -> HttpResponse:
    if registration is None:
        problem = {"title": "There is no such registration.", "status": 404}
        return JsonResponse(problem, status=404, content_type="application/problem+json")
    view = see_status(registration)
    steps = [{"name": step.name, "state": PROGRAM_STATES[step.state], "detail": step.detail} for step in view.steps]
    return JsonResponse({"status": view.status, "access_url": view.access_url, "steps": steps})


def _answer_page(request: HttpRequest, registration: Registration | None) -> HttpResponse:
    if registration is None:
        return render(request, "404.html", status=404)
    view, pace = see_status(registration), _find_pace(registration)
    races = _find_races(registration)
    seen = _fingerprint(view, races, pace)
    if request.GET.get("seen") == seen:
        return HttpResponse(status=204)  # which htmx leaves alone: no flicker, and nothing read aloud twice
    context = {
        "event": registration.event,
        "view": view,
        "headline": HEADLINES[Status(view.status)],
        "current": _find_current(view),
        "races": races,
        "is_moving": view.status in MOVING,
        "pace": pace,
        "seen": seen,
    }
    return render(request, "status/status.html", context)


def _find_races(registration: Registration) -> list[RaceView]:
    """Their addresses are for those who are in."""
    if registration.status == Status.READY:
        return list_races_of(event=registration.event, account=registration.account)
    return list_public_races(event=registration.event)


def _find_pace(registration: Registration) -> int:
    """Seconds until the page looks again."""
    is_new = timezone.now() - registration.created_at < QUICK_FOR
    return QUICK_SECONDS if is_new else SLOW_SECONDS


def _fingerprint(view: RegistrationStatus, races: list[RaceView], pace: int) -> str:
    shown = [(race.race.name, race.url, race.when, race.is_over) for race in races]
    return hashlib.sha256(repr((view, shown, pace)).encode()).hexdigest()[:16]


def _find_current(view: RegistrationStatus) -> StepView | None:
    """The step that it hangs on: one that failed, else the first one that is not done."""
    failed = [step for step in view.steps if step.state == Step.State.FAILED]
    undone = [step for step in view.steps if step.state != Step.State.DONE]
    return next(iter(failed + undone), None)
