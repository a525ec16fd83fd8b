"""Filters of registrations by what quotas and sponsorship hang on."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from events.models import ParticipantGroup
from paddock.tenancy.admin_base import ChosenFilter
from participants.models import Registration

FROZEN = Q(event__frozen_at__isnull=False) | Q(account__sponsoring_account__frozen_at__isnull=False)
SPONSORSHIP = {
    "open": ("May train", Q(removed_at=None, paused_at=None) & ~FROZEN),
    "paused": ("Paused by an organizer", Q(removed_at=None, paused_at__isnull=False)),
    "frozen": ("Frozen by the budget guard", Q(removed_at=None) & FROZEN),
    "own": ("With a quota of their own", Q(removed_at=None, has_own_quota=True)),
    "removed": ("Taken back", Q(removed_at__isnull=False)),
}


class GroupFilter(ChosenFilter):
    title = "group"
    parameter_name = path = "group"
    model = ParticipantGroup

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Groups of several events may bear the same name."""
        groups = model_admin.admin_site.get_model_admin(self.model).get_queryset(request).select_related("event")
        return [(str(group.pk), f"{group}, {group.event}") for group in groups]


class SponsorshipFilter(admin.SimpleListFilter):
    title = "sponsorship"
    parameter_name = "sponsorship"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, words) for name, (words, _) in SPONSORSHIP.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        _, condition = SPONSORSHIP.get(self.value() or "", ("", Q()))
        return queryset.filter(condition)
