"""An event's page, and its registration form."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views import View
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from events.domain.accounts import has_own_sign_ins
from events.domain.lookup import find_open_event
from events.domain.markdown import render_markdown
from events.models import Event
from paddock.rates import find_client_address
from paddock.sso.addresses import sign_in_path
from participants.domain.applicants import InvalidRegistration
from participants.domain.ownership import Visitor
from participants.domain.races.addresses import list_public_races
from participants.domain.rates import TooManyRegistrations, check_registration_rate
from participants.domain.registration import (
    RegistrationRefused,
    check_stranger,
    register,
    see_window,
)
from participants.domain.status import find_registration_of, status_path
from participants.domain.visitors import can_sign_in
from participants.forms import RegistrationForm
from participants.models import Registration
from participants.views.visitors import see_visitor
from participants.views.words import HEADLINES


class PortalRequest(HttpRequest):
    """A request that went through django-htmx."""

    htmx: HtmxDetails


class OwnRegistration(NamedTuple):
    headline: str
    path: str


class MaterialView(NamedTuple):
    title: str
    url: str
    html: SafeString


class PortalView(View):
    """Works as a plain page with a plain form. With htmx, the answer to the form replaces the page's content."""

    def get(self, request: PortalRequest, organization: str, event: str) -> HttpResponse:
        found = find_open_event(event)
        visitor = see_visitor(request)
        return _show(request, found, visitor, RegistrationForm(found, visitor=visitor))

    def post(self, request: PortalRequest, organization: str, event: str) -> HttpResponse:
        found = find_open_event(event)
        visitor = see_visitor(request)
        form = RegistrationForm(found, request.POST, visitor=visitor)
        if found.requires_sign_in and visitor is None:
            return _show(request, found, visitor, form, status=403)
        try:
            registration = _register(request, found, visitor, form)
        except InvalidRegistration as invalid:
            form.show_errors(invalid)
            return _show(request, found, visitor, form, status=400)
        except RegistrationRefused as refusal:
            return _show(request, found, visitor, form, notice=str(refusal), status=409)
        except TooManyRegistrations as limit:
            response = _show(request, found, visitor, form, notice=str(limit), status=429)
            response.headers["Retry-After"] = str(limit.retry_after)
            return response
        return _see_other(request, status_path(registration))


def _register(request: PortalRequest, event: Event, visitor: Visitor | None, form: RegistrationForm) -> Registration:
    applicant = form.applicant
    check_registration_rate(client=find_client_address(request), email=applicant.email)
    if visitor is None:
        check_stranger(email=applicant.email)
    registration, _ = register(event=event, applicant=applicant, visitor=visitor)
    return registration


def _see_other(request: PortalRequest, path: str) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(path)
    return HttpResponseRedirect(path, status=303)


def _show(
    request: PortalRequest,
    event: Event,
    visitor: Visitor | None,
    form: RegistrationForm,
    *,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "event": event,
        "organization": event.organization,
        "description": render_markdown(event.description),
        "races": list_public_races(event=event),
        "materials": _group_materials(event),
        "window": see_window(event=event),
        "has_own_sign_ins": has_own_sign_ins(event),
        "visitor": visitor,
        "own": _find_own(event, visitor) if visitor else None,
        "sign_in_path": "" if visitor else _find_sign_in_path(request, event),
        "form": form,
        "notice": notice,
    }
    response = render(request, "portal/event.html", context, status=status)
    if visitor:
        response.headers["Cache-Control"] = "no-store"
    return response


def _find_own(event: Event, visitor: Visitor) -> OwnRegistration | None:
    registration = find_registration_of(event=event, user=visitor.user)
    if registration is None:
        return None
    return OwnRegistration(HEADLINES[Registration.Status(registration.status)], status_path(registration))


def _find_sign_in_path(request: HttpRequest, event: Event) -> str:
    """Empty where the organization has not connected a provider."""
    return sign_in_path(event.organization.slug, request.path) if can_sign_in() else ""


def _group_materials(event: Event) -> dict[str, list[MaterialView]]:
    """By heading, in the order in which each heading comes first."""
    groups: dict[str, list[MaterialView]] = {}
    for material in event.materials.all():
        view = MaterialView(material.title, material.url, render_markdown(material.text))
        groups.setdefault(material.group, []).append(view)
    return groups
