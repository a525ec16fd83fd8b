"""Races: what is wanted of them, how they stand at their service, and their leaderboards."""

from contextlib import AbstractContextManager
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from events.models import Event, Race
from paddock.csv_files import write_csv
from paddock.tenancy.admin_base import TenantAdmin, may, show_label, show_time
from paddock.tenancy.models import Membership
from participants.admin.actions import OptionalReasonDialog, find_actor, find_object, return_to
from participants.admin.announcements import MAIL_RACE, WRITE
from participants.admin.confirmation_pages import BulkActionsMixin, OffersBulkActions, offer
from participants.admin.filters import EventFilter
from participants.admin.labels import RACE
from participants.admin.race_actions import CLOSE_RACES, RENEW_INVITATIONS
from participants.admin.race_form import RaceForm
from participants.domain.races.addresses import find_url
from participants.domain.races.intent import save_race, try_again
from participants.domain.races.leaderboard import HEADER, list_cells, see_leaderboard
from participants.domain.reading import read_leaderboard_now
from participants.models import Registration

SHOWN_PLACES = 50
MADE_BY_PADDOCK = ["track", ("race_type", "timing"), ("laps", "submissions_per_racer")]


class EventRacesMixin(OffersBulkActions):
    """Buttons on an event's page."""

    write = offer(WRITE, model=Registration, choose="event")

    @action(description="Add a race", icon="flag", permissions=["organizer"], url_path="add-race")  # type: ignore[untyped-decorator]
    def add_race(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event: Event = find_object(self, request, object_id)
        return HttpResponseRedirect(f"{reverse('admin:events_race_add')}?event={event.pk}")


@admin.register(Race)
class RaceAdmin(BulkActionsMixin, TenantAdmin):
    form = RaceForm
    event_path = "event"
    list_display = ["name", "event", "sponsoring_account", "standing", "opens", "closes", "problem"]
    list_filter = ["state", EventFilter]
    list_select_related = ["event", "sponsoring_account"]
    search_fields = ["name"]
    search_help_text = "Name"
    bulk_actions = [MAIL_RACE, CLOSE_RACES, RENEW_INVITATIONS]
    mail_race = offer(MAIL_RACE, model=Race, choose="id")
    close_race = offer(CLOSE_RACES, model=Race, choose="id")
    renew_invitation = offer(RENEW_INVITATIONS, model=Race, choose="id")
    race_menu = {
        "title": "Race",
        "icon": "flag",
        "items": ["close_race", "renew_invitation", "retry_race", "read_leaderboard", "leaderboard_csv"],
    }
    actions_detail = ["mail_race", race_menu]
    change_form_outer_before_template = "admin/races/standing.html"
    change_form_outer_after_template = "admin/races/leaderboard.html"

    def get_fieldsets(self, request: HttpRequest, obj: Race | None = None) -> list[tuple[str | None, dict[str, Any]]]:
        """A race is made by Paddock or elsewhere; a new one may still be either."""
        about = (None, {"fields": ["event", "name", "description", "opens_at", "closes_at", "in_welcome_mail"]})
        elsewhere = ("Made elsewhere", {"fields": ["url"]})
        here = ("Made by Paddock", {"fields": ["sponsoring_account", *MADE_BY_PADDOCK]})
        if obj is None:
            return [about, here, elsewhere]
        return [about, here if obj.sponsoring_account_id else elsewhere]

    def get_readonly_fields(self, request: HttpRequest, obj: Race | None = None) -> list[str]:
        """Where a race is cannot change once it has been said."""
        return ["event", "sponsoring_account"] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        event = self._find_event(request, request.GET.get("event"))
        accounts = list(event.accounts.values_list("sponsoring_account", flat=True)) if event else []
        return ({"sponsoring_account": accounts[0]} if len(accounts) == 1 else {}) | initial

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "event":
            kwargs["queryset"] = self._list_events(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """All times of the page are those of the event's zone, both ways."""
        with self._enter_zone(request, object_id):
            response = super().changeform_view(request, object_id, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def _enter_zone(self, request: HttpRequest, object_id: str | None) -> AbstractContextManager[None]:
        race = self.get_object(request, object_id) if object_id else None
        chosen = request.POST.get("event") or request.GET.get("event")
        event = race.event if race else self._find_event(request, chosen)
        return timezone.override(event.zone if event else timezone.get_default_timezone())

    def _find_event(self, request: HttpRequest, event_id: str | None) -> Event | None:
        if not event_id or not event_id.isdigit():
            return None
        found: Event | None = self._list_events(request).filter(pk=event_id).first()
        return found

    def _list_events(self, request: HttpRequest) -> Any:
        return self.admin_site.get_model_admin(Event).get_queryset(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        race = self.get_object(request, object_id)
        shown = self._show(request, race) if race else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, (extra_context or {}) | shown)
        return response

    def _show(self, request: HttpRequest, race: Race) -> dict[str, Any]:
        """Viewers do not see the invitation: it lets in whoever has it."""
        zone, places = race.event.zone, see_leaderboard(race=race, first=SHOWN_PLACES + 1)
        return {
            "race": race,
            "race_state": self.standing(race),
            "race_url": find_url(race) if may(request, Membership.Role.ORGANIZER) else "",
            "invited_at": show_time(race.token_made_at, zone) if race.token_made_at else "",
            "results_at": show_time(race.results_at, zone) if race.results_at else "",
            "places": places[:SHOWN_PLACES],
            "has_more_places": len(places) > SHOWN_PLACES,
        }

    def save_model(self, request: HttpRequest, obj: Race, form: Any, change: bool) -> None:
        with transaction.atomic():
            save_race(race=obj, changed=form.changed_data, actor=find_actor(request))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Deleting what Paddock made would leave it at the service: it is closed instead."""
        allowed = super().has_delete_permission(request, obj)
        if not isinstance(obj, Race):
            return allowed
        is_outside = obj.service_id or (obj.sponsoring_account_id and obj.state != Race.State.FAILED)
        return allowed and not is_outside

    @action(  # type: ignore[untyped-decorator]
        description="Try again",
        icon="replay",
        permissions=["organizer"],
        url_path="retry",
        dialog={
            "title": "Try again now?",
            "description": "Paddock makes the race as it is wanted, and every other of its event that was refused.",
            "form_class": OptionalReasonDialog,
            "form_submit_text": "Try again",
        },
    )
    def retry_race(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        race: Race = find_object(self, request, object_id)
        with transaction.atomic():
            try_again(race=race, actor=find_actor(request), reason=form.cleaned_data["reason"])
        self.message_user(request, "Paddock is at it. Reload this page to see how it went.", messages.SUCCESS)
        return return_to(request, race)

    @action(  # type: ignore[untyped-decorator]
        description="Read the leaderboard",
        icon="sync",
        permissions=["organizer"],
        url_path="read",
        dialog={
            "title": "Read the leaderboard now?",
            "description": "Paddock does so every few minutes while a race is open, and for some hours after.",
            "form_class": OptionalReasonDialog,
            "form_submit_text": "Read now",
        },
    )
    def read_leaderboard(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        race: Race = find_object(self, request, object_id)
        read_leaderboard_now(race=race, actor=find_actor(request), reason=form.cleaned_data["reason"])
        self.message_user(request, "The leaderboard is being read. Reload this page in a moment.", messages.SUCCESS)
        return return_to(request, race)

    @action(description="Leaderboard as CSV", icon="download", permissions=["view"], url_path="leaderboard.csv")  # type: ignore[untyped-decorator]
    def leaderboard_csv(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        race: Race = find_object(self, request, object_id)
        return write_csv(f"leaderboard-{race.pk}.csv", HEADER, list(list_cells(see_leaderboard(race=race))))

    @admin.display(description="State", ordering="state")
    def standing(self, race: Race) -> str:
        return show_label(race.state, race.get_state_display(), RACE)

    @admin.display(description="Opens", ordering="opens_at")
    def opens(self, race: Race) -> str:
        return show_time(race.opens_at, race.event.zone)

    @admin.display(description="Closes", ordering="closes_at")
    def closes(self, race: Race) -> str:
        return show_time(race.closes_at, race.event.zone)
