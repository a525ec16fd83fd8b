"""Everything that one person has in an organization, on one page."""

from collections.abc import Iterable
from typing import NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import cache_control

from paddock.sso.addresses import sign_in_path
from paddock.tenancy.middleware import TenantRequest
from participants.domain.my_events import MyEvent, Phase, list_my_events
from participants.models import Registration
from participants.views.visitors import see_visitor
from participants.views.words import HEADLINES, word_duration

HEADINGS = {Phase.RUNNING: "Under way", Phase.AHEAD: "Coming up", Phase.OVER: "Over"}


class Card(NamedTuple):
    """`left`, `queued` and `quota` are in words."""

    mine: MyEvent
    headline: str
    used: str
    quota: str
    left: str
    queued: str

    @property
    def quota_seconds(self) -> int:
        return (self.mine.registration.quota_minutes or 0) * 60


@method_decorator(cache_control(no_store=True), name="dispatch")
class MyEventsView(View):
    """Missing and foreign organizations answer as this one does to a stranger: with the way to its sign-in."""

    def get(self, request: TenantRequest, organization: str) -> HttpResponse:
        visitor = see_visitor(request)
        if visitor is None:
            return HttpResponseRedirect(sign_in_path(organization, request.path))
        groups = _group(list_my_events(visitor=visitor))
        context = {"organization": request.organization, "visitor": visitor, "groups": groups}
        return render(request, "my_events/page.html", context)


def _group(events: Iterable[MyEvent]) -> dict[str, list[Card]]:
    """By heading; headings that nothing stands under are left out."""
    groups: dict[str, list[Card]] = {}
    for mine in events:
        groups.setdefault(HEADINGS[mine.phase], []).append(_word(mine))
    return groups


def _word(mine: MyEvent) -> Card:
    quota, balance = mine.registration.quota_minutes, mine.balance
    return Card(
        mine=mine,
        headline=HEADLINES[Registration.Status(mine.status.status)],
        used=word_duration(balance.used),
        quota="" if quota is None else word_duration(quota * 60),
        left="" if balance.left is None else word_duration(balance.left),
        queued=word_duration(balance.queued) if balance.queued else "",
    )
