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
from participants.domain.applicants import InvalidRegistration
from participants.domain.races.addresses import list_public_races
from participants.domain.rates import TooManyRegistrations, check_registration_rate
from participants.domain.registration import RegistrationRefused, register, see_window
from participants.domain.status import status_path
from participants.forms import RegistrationForm
from participants.models import Registration


class PortalRequest(HttpRequest):
    """A request that went through django-htmx."""

    htmx: HtmxDetails


class MaterialView(NamedTuple):
    title: str
    url: str
    html: SafeString


class PortalView(View):
    """Works as a plain page with a plain form. With htmx, the answer to the form replaces the page's content."""

    def get(self, request: PortalRequest, organization: str, event: str) -> HttpResponse:
        found = find_open_event(event)
        return _show(request, found, RegistrationForm(found))

    def post(self, request: PortalRequest, organization: str, event: str) -> HttpResponse:
        found = find_open_event(event)
        form = RegistrationForm(found, request.POST)
        if found.requires_sign_in:
            return _show(request, found, form, status=403)
        try:
            registration = _register(request, found, form)
        except InvalidRegistration as invalid:
            form.show_errors(invalid)
            return _show(request, found, form, status=400)
        except RegistrationRefused as refusal:
            return _show(request, found, form, notice=str(refusal), status=409)
        except TooManyRegistrations as limit:
            response = _show(request, found, form, notice=str(limit), status=429)
            response.headers["Retry-After"] = str(limit.retry_after)
            return response
        return _see_other(request, status_path(registration))


def _register(request: PortalRequest, event: Event, form: RegistrationForm) -> Registration:
    applicant = form.applicant
    check_registration_rate(client=find_client_address(request), email=applicant.email)
    registration, _ = register(event=event, applicant=applicant)
    return registration


def _see_other(request: PortalRequest, path: str) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(path)
    return HttpResponseRedirect(path, status=303)


def _show(
    request: PortalRequest, event: Event, form: RegistrationForm, *, notice: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "event": event,
        "description": render_markdown(event.description),
        "races": list_public_races(event=event),
        "materials": _group_materials(event),
        "window": see_window(event=event),
        "has_own_sign_ins": has_own_sign_ins(event),
        "form": form,
        "notice": notice,
    }
    return render(request, "portal/event.html", context, status=status)


def _group_materials(event: Event) -> dict[str, list[MaterialView]]:
    """By heading, in the order in which each heading comes first."""
    groups: dict[str, list[MaterialView]] = {}
    for material in event.materials.all():
        view = MaterialView(material.title, material.url, render_markdown(material.text))
        groups.setdefault(material.group, []).append(view)
    return groups
