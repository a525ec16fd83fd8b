"""The page behind the link of an invitation: who asks, for what, and the button that accepts."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from events.domain.invitations.accepting import OVER, accept, find_by_token, find_hindrance
from events.domain.invitations.inviting import InvitationError, name_events
from events.models import Invitation
from paddock.accounts.models import User
from paddock.sso.addresses import sign_in_path
from paddock.sso.lookup import list_active_providers
from paddock.tenancy.middleware import SESSION_KEY
from paddock.tenancy.models import Membership

MEANINGS = {
    Membership.Role.OWNER: "You run everything: connections, people, events and money.",
    Membership.Role.ORGANIZER: "You run events: registrations, races, quotas and messages.",
    Membership.Role.VIEWER: "You see how events stand, and change nothing.",
}


class InvitationView(View):
    """The address is half of the secret, so nothing of it is kept."""

    def get(self, request: HttpRequest, organization: str, token: str) -> HttpResponse:
        invitation = find_by_token(token=token)
        return _answer(request, invitation)

    def post(self, request: HttpRequest, organization: str, token: str) -> HttpResponse:
        invitation = find_by_token(token=token)
        if invitation is None or not isinstance(request.user, User):
            return _answer(request, invitation)
        try:
            accept(invitation=invitation, user=request.user)
        except InvitationError as refusal:
            return _answer(request, invitation, problem=str(refusal))
        request.session[SESSION_KEY] = organization
        role = invitation.get_role_display()
        messages.success(request, f"Welcome. You work for {invitation.organization} now, as {role}.")
        return HttpResponseRedirect(reverse("admin:index"))


def _answer(request: HttpRequest, invitation: Invitation | None, *, problem: str = "") -> HttpResponse:
    if invitation is None:
        response = render(request, "invitation/unknown.html", status=404)
    elif invitation.state in OVER:
        response = render(request, "invitation/over.html", {"sentence": OVER[invitation.state]}, status=410)
    else:
        problem = problem or _find_problem(request, invitation)
        response = render(request, "invitation/page.html", _describe(request, invitation) | {"problem": problem})
    response.headers["Cache-Control"] = "no-store"
    return response


def _find_problem(request: HttpRequest, invitation: Invitation) -> str:
    return find_hindrance(invitation=invitation, user=request.user) if isinstance(request.user, User) else ""


def _describe(request: HttpRequest, invitation: Invitation) -> dict[str, Any]:
    return {
        "invitation": invitation,
        "organization": invitation.organization,
        "role": invitation.get_role_display(),
        "meaning": MEANINGS[Membership.Role(invitation.role)],
        "events": name_events(invitation),
        "here": request.get_full_path(),
        "sign_in_address": _find_sign_in(request, invitation),
        "password_sign_in": settings.PASSWORD_SIGN_IN,
    }


def _find_sign_in(request: HttpRequest, invitation: Invitation) -> str:
    """The organization's single sign-on, where it has one."""
    return sign_in_path(invitation.organization.slug, request.get_full_path()) if list_active_providers() else ""
