"""Where a registration stands: a page that moves by itself, and the same as JSON."""

import hashlib
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views import View

from participants.domain.ownership import Visitor
from participants.domain.races.addresses import RaceView, list_races_of_people
from participants.domain.status import StatusView as RegistrationStatus
from participants.domain.status import find_by_token, see_status, withdrawal_path
from participants.domain.withdrawing import may_withdraw
from participants.models import Registration, Step
from participants.views.visitors import see_visitor
from participants.views.words import HEADLINES

Status = Registration.Status

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
        wants_page = request.get_preferred_type(["application/json", "text/html"]) == "text/html"
        visitor = see_visitor(request) if wants_page else None
        registration = find_by_token(event_slug=event, token=token)
        response = _answer_page(request, registration, visitor) if wants_page else _answer_json(registration)
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


def _answer_page(request: HttpRequest, registration: Registration | None, visitor: Visitor | None) -> HttpResponse:
    if registration is None:
        return render(request, "404.html", status=404)
    owner = visitor if visitor and visitor.user.pk == registration.participant.user_id else None
    view, pace = see_status(registration), _find_pace(registration)
    races = list_races_of_people(registrations=[registration])[registration.pk]
    seen = _fingerprint(view, races, pace)
    if request.GET.get("seen") == seen:
        return HttpResponse(status=204)  # which htmx leaves alone: no flicker, and nothing read aloud twice
    context = {
        "event": registration.event,
        "organization": registration.event.organization,
        "visitor": owner,  # whoever else has the address is not told whose it is
        "withdrawal_path": _find_withdrawal_path(registration, owner),
        "view": view,
        "headline": HEADLINES[Status(view.status)],
        "races": races,
        "is_moving": view.status in MOVING,
        "pace": pace,
        "seen": seen,
    }
    return render(request, "status/status.html", context)


def _find_withdrawal_path(registration: Registration, owner: Visitor | None) -> str:
    user = owner.user if owner else None
    return withdrawal_path(registration) if may_withdraw(registration=registration, user=user) else ""


def _find_pace(registration: Registration) -> int:
    """Seconds until the page looks again."""
    is_new = timezone.now() - registration.created_at < QUICK_FOR
    return QUICK_SECONDS if is_new else SLOW_SECONDS


def _fingerprint(view: RegistrationStatus, races: list[RaceView], pace: int) -> str:
    shown = [(race.race.name, race.url, race.when, race.is_over) for race in races]
    return hashlib.sha256(repr((view, shown, pace)).encode()).hexdigest()[:16]
