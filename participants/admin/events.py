"""The page of an event, with who takes part and where its access stands."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action

from events.admin.event import EventAdmin, MaterialInline, QuestionInline, RaceInline
from events.admin.event_accounts import EventAccountInline
from events.models import Event
from paddock.tenancy.admin_base import may
from paddock.tenancy.models import Membership
from participants.admin.actions import ReasonDialog, find_actor, find_object, return_to
from participants.admin.confirmation_pages import BulkActionsMixin, offer
from participants.admin.dashboard import DashboardPages, link_dashboard
from participants.admin.event_accounts import EventAccountsMixin
from participants.admin.event_usage import EventUsageMixin
from participants.admin.intake import IntakePages
from participants.admin.invitation_action import INVITE
from participants.admin.mail_templates import MailTemplateInline
from participants.admin.offboarding import OffboardingPages
from participants.admin.offboarding_actions import END_EVENT
from participants.admin.preflight import PreflightPages
from participants.admin.racers import EventRacersMixin
from participants.admin.races import EventRacesMixin
from participants.admin.statistics import StatisticsPages
from participants.domain.access import prepare_event
from participants.domain.standings import Standing, count_registrations
from participants.models import Registration, Step


@admin.register(Event)
class RunningEventAdmin(
    DashboardPages,
    StatisticsPages,
    OffboardingPages,
    PreflightPages,
    IntakePages,
    EventAccountsMixin,
    EventUsageMixin,
    EventRacersMixin,
    EventRacesMixin,
    BulkActionsMixin,
    EventAdmin,
):
    list_display = ["name", "publication", "starts", "people", "ready", "failed", "portal"]
    list_display_links = None  # the name leads to the dashboard, and from there to everything else
    inlines = [EventAccountInline, QuestionInline, MaterialInline, RaceInline, MailTemplateInline]
    people_menu = {
        "title": "Everybody",
        "icon": "groups",
        "items": ["invite", "write", *EventRacersMixin.racer_buttons],
    }
    event_menu = {
        "title": "Event",
        "icon": "sports_score",
        "items": ["set_up_access", "add_race", "export_usage", "see_offboarding", "end_event"],
    }
    actions_detail = ["see_preflight", people_menu, event_menu]
    bulk_actions = [END_EVENT, INVITE]
    end_event = offer(END_EVENT, model=Event, choose="id")
    invite = offer(INVITE, model=Event, choose="id")
    change_form_outer_before_template = "admin/event_standing.html"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The numbers of all events on the page, counted at once."""
        changelist = super().get_changelist_instance(request)
        events = list(changelist.result_list)
        standings = count_registrations(events=events)
        for event in events:
            event.standing = standings[event.pk]
        changelist.result_list = events
        return changelist

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Deleting an event would leave the group and the access that were made for it."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (isinstance(obj, Event) and Step.objects.filter(event=obj).exists())

    def has_prepare_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.ORGANIZER)

    @action(  # type: ignore[untyped-decorator]
        description="Set up access now",
        icon="key",
        permissions=["prepare"],
        url_path="access",
        dialog={
            "title": "Set up access now?",
            "description": "Paddock makes the event's group, its permission set and its assignment to the sponsoring "
            "account, or checks them where they are there already. Nobody loses access.",
            "form_class": ReasonDialog,
            "form_submit_text": "Set up access",
        },
    )
    def set_up_access(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        event: Event = find_object(self, request, object_id)
        prepare_event(event=event, actor=find_actor(request), reason=form.cleaned_data["reason"])
        self.message_user(request, "Access is being set up. Reload this page to see how far it is.", messages.SUCCESS)
        return return_to(request, event)

    @admin.display(description="Title", ordering="title")
    def name(self, event: Event) -> str:
        return format_html('<a class="text-link" href="{}">{}</a>', link_dashboard(event), event.title)

    @admin.display(description="People")
    def people(self, event: Event) -> str:
        return _link_people(event, _standing_of(event).total, "")

    @admin.display(description="Ready")
    def ready(self, event: Event) -> str:
        return _link_people(event, _standing_of(event).ready, Registration.Status.READY)

    @admin.display(description="Failed")
    def failed(self, event: Event) -> str:
        return _link_people(event, _standing_of(event).failed, Registration.Status.FAILED)


def _standing_of(event: Event) -> Standing:
    standing: Standing = event.standing  # type: ignore[attr-defined]
    return standing


def link_registrations(event: Event, status: str = "") -> str:
    """The address of the event's registrations, all or those with a status."""
    page = reverse("admin:participants_registration_changelist")
    return f"{page}?event={event.pk}" + (f"&status={status}" if status else "")


def _link_people(event: Event, number: int, status: str) -> str:
    if number == 0:
        return "0"
    return format_html('<a class="text-link" href="{}">{}</a>', link_registrations(event, status), number)
