"""The page of racers whom nobody knows: a person says whose they are."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import action

from paddock.tenancy.admin_base import TenantAdmin, show_time
from participants.admin.words import word_seconds
from participants.domain.usage.suggestions import Suggestion, find_strangers, suggest_participants
from participants.models import Participant, RacerProfile

ON_A_PAGE = 25
BY_HAND = "Chosen on the page of unknown racers"


class StrangersPage(TenantAdmin):
    """For the admin of racer profiles, which does what is decided here."""

    def get_urls(self) -> list[URLPattern]:
        page = path("strangers/", self.admin_site.admin_view(self.strangers_view), name="racer_strangers")
        return [page, *super().get_urls()]

    @action(  # type: ignore[untyped-decorator]
        description="Unknown racers", icon="question_mark", permissions=["decide"], url_path="to-strangers"
    )
    def strangers(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:racer_strangers"))

    def strangers_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_decide_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            self._decide(request)
            return HttpResponseRedirect(request.get_full_path())
        page = Paginator(find_strangers(), ON_A_PAGE).get_page(request.GET.get("p"))
        suggestions = suggest_participants(profiles=list(page.object_list))
        context = {
            **admin.site.each_context(request),
            "title": "Unknown racers",
            "page": page,
            "racers": [_show(profile, suggestions[profile.pk]) for profile in page.object_list],
        }
        return TemplateResponse(request, "admin/usage/strangers.html", context)

    def _decide(self: Any, request: HttpRequest) -> None:
        profile = get_object_or_404(RacerProfile, pk=_read_id(request, "profile"))
        reason = request.POST.get("reason", "").strip() or BY_HAND
        if "nobody" in request.POST:
            self.leave_alone(request, profile, reason)
        else:
            participant = get_object_or_404(Participant, pk=_read_id(request, "participant"))
            self.link_to(request, profile, participant, reason)


def _read_id(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    return int(value) if value.isdigit() else 0


def _show(profile: RacerProfile, suggestions: list[Suggestion]) -> dict[str, Any]:
    return {
        "pk": profile.pk,
        "alias": profile.alias or profile.service_id,
        "email": profile.email,
        "account": profile.sponsoring_account.name,
        "used": word_seconds(profile.used_seconds),
        "joined": show_time(profile.joined_at),
        "address": reverse("admin:participants_racerprofile_change", args=[profile.pk]),
        "suggestions": suggestions,
    }
