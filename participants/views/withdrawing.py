"""Giving up one's place: a question, and then the deed."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import cache_control

from paddock.accounts.models import User
from participants.domain.status import find_by_token, status_path
from participants.domain.withdrawing import may_withdraw, withdraw
from participants.models import Registration
from participants.views.visitors import see_visitor


@method_decorator(cache_control(no_store=True), name="dispatch")
class WithdrawView(View):
    """Not there for whoever may not. Unlike the status page it names itself to our own pages: its form must."""

    def get(self, request: HttpRequest, organization: str, event: str, token: str) -> HttpResponse:
        registration, _ = _find(request, event, token)
        context = {"event": registration.event, "back": status_path(registration)}
        return render(request, "status/withdraw.html", context)

    def post(self, request: HttpRequest, organization: str, event: str, token: str) -> HttpResponse:
        registration, user = _find(request, event, token)
        withdraw(registration=registration, user=user)
        return HttpResponseRedirect(status_path(registration))


def _find(request: HttpRequest, event: str, token: str) -> tuple[Registration, User | None]:
    visitor = see_visitor(request)
    user = visitor.user if visitor else None
    registration = find_by_token(event_slug=event, token=token)
    if registration is None or not may_withdraw(registration=registration, user=user):
        raise Http404
    return registration, user
