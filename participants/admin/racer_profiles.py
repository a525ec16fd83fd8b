"""Racers as the racing services know them: what they used, and whose they are."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action

from paddock.tenancy.admin_base import (
    ReadOnly,
    TenantAdmin,
    limit_to_chosen_events,
    may,
    sees_all_events,
    show_label,
    show_time,
)
from paddock.tenancy.models import Membership
from participants.admin.actions import ReasonDialog, find_object, return_to
from participants.admin.filters import AccountFilter, EventFilter
from participants.admin.racer_dialogs import LinkDialog
from participants.admin.racer_links import StrangersPage
from participants.admin.racer_models import RacerModelsPage
from participants.admin.words import word_minutes, word_models, word_seconds
from participants.domain.usage.linking import LinkRefused, ignore_profile, link_profile, unlink_profile
from participants.models import Participant, RacerProfile, Registration

STATE = {RacerProfile.State.ACTIVE: "success", RacerProfile.State.PAUSED: "warning"}


class RacerEventFilter(EventFilter):
    path = "participant__registrations__event"


class LinkFilter(admin.SimpleListFilter):
    title = "participant"
    parameter_name = "link"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("linked", "Linked"),
            ("unlinked", "Linked to nobody"),
            ("ignored", "Nobody of ours"),
            ("awaited", "Has never signed in"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RacerProfile]) -> QuerySet[RacerProfile]:
        match self.value():
            case "linked":
                return queryset.filter(participant__isnull=False).exclude(service_id="")
            case "unlinked":
                return queryset.filter(participant=None, is_ignored=False)
            case "ignored":
                return queryset.filter(participant=None, is_ignored=True)
            case "awaited":
                return queryset.filter(service_id="")
        return queryset


@admin.register(RacerProfile)
class RacerProfileAdmin(ReadOnly, RacerModelsPage, StrangersPage, TenantAdmin):
    list_display = ["racer", "who", "account", "used", "queued", "left", "models", "stored", "standing", "as_of"]
    list_filter = [LinkFilter, RacerEventFilter, AccountFilter, "state"]
    list_select_related = ["participant", "sponsoring_account"]
    search_fields = ["alias", "participant__email_key", "participant__family_name", "participant__given_name"]
    search_help_text = "Alias, e-mail address or name"
    ordering = ["alias", "id"]
    fields = [
        ("racer", "who"),
        ("account", "linked"),
        ("used", "queued", "left"),
        ("models", "stored"),
        ("standing", "joined", "as_of"),
        "service_id",
    ]
    readonly_fields = [
        *("racer", "who", "account", "linked", "used", "queued", "left", "models", "stored"),
        *("standing", "joined", "as_of", "service_id"),
    ]
    actions_list = ["strangers"]
    actions_detail = ["link", "unlink", "ignore", "delete_models"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RacerProfile]:
        """Whoever is for chosen events sees the racers of their participants."""
        queryset: QuerySet[RacerProfile] = super().get_queryset(request)
        if sees_all_events(request):
            return queryset
        chosen = limit_to_chosen_events(request, Registration.objects.all(), "event")
        return queryset.filter(participant__in=chosen.values("participant"))

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whoever is for chosen events cannot know whose a racer may be."""
        return may(request, Membership.Role.ORGANIZER) and sees_all_events(request)

    def has_link_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may_decide(request, object_id, lambda profile: profile.participant_id is None)

    def has_unlink_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may_decide(request, object_id, lambda profile: profile.participant_id is not None)

    def has_ignore_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may_decide(
            request, object_id, lambda profile: profile.participant_id is None and not profile.is_ignored
        )

    def _may_decide(self, request: HttpRequest, object_id: str | None, fits: Callable[[RacerProfile], bool]) -> bool:
        """Only what fits the racer is offered. One whom nobody may see is missing rather than forbidden."""
        if not self.has_decide_permission(request):
            return False
        profile: RacerProfile | None = self.get_object(request, object_id) if object_id else None
        return profile is None or (bool(profile.service_id) and fits(profile))

    @action(  # type: ignore[untyped-decorator]
        description="Link…",
        icon="link",
        permissions=["link"],
        url_path="link",
        dialog={
            "title": "Which participant is this racer?",
            "description": "What they used since that participant registered counts for the participant's event.",
            "form_class": LinkDialog,
            "form_submit_text": "Link",
        },
    )
    def link(self, request: HttpRequest, form: LinkDialog, object_id: str) -> HttpResponse:
        profile: RacerProfile = find_object(self, request, object_id)
        self.link_to(request, profile, form.participant, form.cleaned_data["reason"])
        return return_to(request, profile)

    def link_to(self, request: HttpRequest, profile: RacerProfile, participant: Participant, reason: str) -> None:
        try:
            link_profile(
                profile=profile,
                participant=participant,
                by=RacerProfile.Link.PERSON,
                actor=cast(AbstractBaseUser, request.user),
                reason=reason,
            )
        except LinkRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"{profile} is {participant} now.", messages.SUCCESS)

    @action(  # type: ignore[untyped-decorator]
        description="Unlink…",
        icon="link_off",
        permissions=["unlink"],
        url_path="unlink",
        dialog={
            "title": "Is this racer not that participant?",
            "description": "What they used does not count for the participant's event any more. Paddock does not link "
            "this racer again by itself.",
            "form_class": ReasonDialog,
            "form_submit_text": "Unlink",
        },
    )
    def unlink(self, request: HttpRequest, form: ReasonDialog, object_id: str) -> HttpResponse:
        profile: RacerProfile = find_object(self, request, object_id)
        unlink_profile(profile=profile, actor=cast(AbstractBaseUser, request.user), reason=form.cleaned_data["reason"])
        self.message_user(request, f"{profile.alias} is linked to nobody now.", messages.SUCCESS)
        return return_to(request, profile)

    @action(  # type: ignore[untyped-decorator]
        description="Nobody of ours…",
        icon="person_off",
        permissions=["ignore"],
        url_path="ignore",
        dialog={
            "title": "Is this racer nobody of yours?",
            "description": "Paddock does not ask about them any more. What they use still counts for the account.",
            "form_class": ReasonDialog,
            "form_submit_text": "Nobody of ours",
        },
    )
    def ignore(self, request: HttpRequest, form: ReasonDialog, object_id: str) -> HttpResponse:
        profile: RacerProfile = find_object(self, request, object_id)
        self.leave_alone(request, profile, form.cleaned_data["reason"])
        return return_to(request, profile)

    def leave_alone(self, request: HttpRequest, profile: RacerProfile, reason: str) -> None:
        try:
            ignore_profile(profile=profile, actor=cast(AbstractBaseUser, request.user), reason=reason)
        except LinkRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"{profile} is nobody of yours.", messages.SUCCESS)

    @admin.display(description="Racer", ordering="alias")
    def racer(self, profile: RacerProfile) -> str:
        return profile.alias or "-"

    @admin.display(description="Participant", ordering="participant__family_name")
    def who(self, profile: RacerProfile) -> str:
        if profile.participant is None:
            return "Nobody of ours" if profile.is_ignored else "Not known"
        page = reverse("admin:participants_participant_change", args=[profile.participant.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', page, profile.participant)

    @admin.display(description="Linked")
    def linked(self, profile: RacerProfile) -> str:
        if not profile.service_id:
            return "Has never signed in"
        return profile.get_linked_by_display() if profile.participant_id else "-"

    @admin.display(description="Account", ordering="sponsoring_account__name")
    def account(self, profile: RacerProfile) -> str:
        return profile.sponsoring_account.name

    @admin.display(description="Used", ordering="used_seconds")
    def used(self, profile: RacerProfile) -> str:
        return word_seconds(profile.used_seconds) if profile.seen_at else "-"

    @admin.display(description="Running and queued", ordering="queued_seconds")
    def queued(self, profile: RacerProfile) -> str:
        return word_seconds(profile.queued_seconds) if profile.seen_at else "-"

    @admin.display(description="Left")
    def left(self, profile: RacerProfile) -> str:
        if profile.seen_at is None:
            return "-"
        if profile.max_minutes is None:
            return word_minutes(None)
        return word_seconds(max(profile.max_minutes * 60 - profile.used_seconds - profile.queued_seconds, 0))

    @admin.display(description="Models", ordering="model_count")
    def models(self, profile: RacerProfile) -> str:
        if profile.seen_at is None:
            return "-"
        number, most = profile.model_count, profile.max_models
        if number is None:
            return word_models(None) if most is None else f"up to {most:,}"
        return f"{number:,}" if most is None else f"{number:,} of {most:,}"

    @admin.display(description="Stored", ordering="storage_bytes")
    def stored(self, profile: RacerProfile) -> str:
        return filesizeformat(profile.storage_bytes) if profile.seen_at else "-"

    @admin.display(description="State", ordering="state")
    def standing(self, profile: RacerProfile) -> str:
        """Whom the last look at the account did not find any more is gone from the service; their usage stays."""
        synced_at = profile.sponsoring_account.synced_at
        if profile.seen_at and synced_at and profile.seen_at < synced_at:
            return show_label("gone", "Gone", {"gone": "info"})
        return show_label(profile.state, profile.get_state_display(), STATE) if profile.state else "-"

    @admin.display(description="Joined", ordering="joined_at")
    def joined(self, profile: RacerProfile) -> str:
        return show_time(profile.joined_at)

    @admin.display(description="As of", ordering="seen_at")
    def as_of(self, profile: RacerProfile) -> str:
        return show_time(profile.seen_at)
