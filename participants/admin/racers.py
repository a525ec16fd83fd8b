"""What lists and pages say of racers, and the way to what is done to them: for registrations and for events."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action

from events.models import Event, QuotaPolicy
from paddock.tenancy.admin_base import ReadOnly, TenantTabularInline, show_label, show_time
from participants.admin.actions import find_object
from participants.admin.confirmation import BulkAction
from participants.admin.confirmation_flow import find_address
from participants.admin.confirmation_pages import BulkActionsMixin, OffersBulkActions, offer
from participants.admin.model_actions import DELETE_MODELS_OF_PEOPLE
from participants.admin.passwords import SEND_PASSWORDS
from participants.admin.policy_action import CHANGE_POLICY
from participants.admin.quotas import ChangeQuota, FollowPolicy, PutInGroup
from participants.admin.sponsorship import Pause, Resume, StopTraining, word_frozen, word_sponsorship
from participants.admin.words import word_minutes, word_models, word_quota, word_seconds
from participants.domain.quotas.balances import Balance, see_balances
from participants.domain.quotas.policies import Quota
from participants.models import QuotaChange, Registration

CHANGE_QUOTA, FOLLOW_POLICY, PUT_IN_GROUP = ChangeQuota(), FollowPolicy(), PutInGroup()
PAUSE, RESUME, STOP_TRAINING = Pause(), Resume(), StopTraining()
RACER_ACTIONS: list[BulkAction] = [CHANGE_QUOTA, FOLLOW_POLICY, PUT_IN_GROUP, PAUSE, RESUME, STOP_TRAINING]
RACER_ACTIONS += [DELETE_MODELS_OF_PEOPLE, SEND_PASSWORDS]
NAMES = [each.name for each in RACER_ACTIONS]
SPONSORSHIP = {"May train": "success", "Paused": "warning", "Frozen": "danger", "Taken back": "info"}


class EventRacersMixin(OffersBulkActions):
    """Buttons on an event's page, for everybody of the event."""

    racer_buttons = [*NAMES, "quota_policy"]
    change_quota = offer(CHANGE_QUOTA, model=Registration, choose="event")
    follow_policy = offer(FOLLOW_POLICY, model=Registration, choose="event")
    put_in_group = offer(PUT_IN_GROUP, model=Registration, choose="event")
    pause = offer(PAUSE, model=Registration, choose="event")
    resume = offer(RESUME, model=Registration, choose="event")
    stop_training = offer(STOP_TRAINING, model=Registration, choose="event")
    delete_all_models = offer(DELETE_MODELS_OF_PEOPLE, model=Registration, choose="event")
    send_passwords = offer(SEND_PASSWORDS, model=Registration, choose="event")

    @action(  # type: ignore[untyped-decorator]
        description="Quota policy…", icon="rule", permissions=["organizer"], url_path="quota-policy"
    )
    def quota_policy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the event's policy, or to where it is made."""
        event: Event = find_object(self, request, object_id)
        policy = QuotaPolicy.objects.filter(event=event, group=None).first()
        if policy is None:
            return HttpResponseRedirect(f"{reverse('admin:events_quotapolicy_add')}?event={event.pk}")
        return HttpResponseRedirect(f"{find_address(QuotaPolicy, CHANGE_POLICY)}?id={policy.pk}")


class RegistrationRacersMixin(BulkActionsMixin):
    """Bulk actions and columns for registrations, and buttons for one of them."""

    bulk_actions = RACER_ACTIONS
    racers_menu = {"title": "This racer", "icon": "person", "items": NAMES}
    change_quota = offer(CHANGE_QUOTA, model=Registration, choose="id")
    follow_policy = offer(FOLLOW_POLICY, model=Registration, choose="id")
    put_in_group = offer(PUT_IN_GROUP, model=Registration, choose="id")
    pause = offer(PAUSE, model=Registration, choose="id")
    resume = offer(RESUME, model=Registration, choose="id")
    stop_training = offer(STOP_TRAINING, model=Registration, choose="id")
    delete_all_models = offer(DELETE_MODELS_OF_PEOPLE, model=Registration, choose="id")
    send_passwords = offer(SEND_PASSWORDS, model=Registration, choose="id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        queryset: QuerySet[Registration] = super().get_queryset(request)
        return queryset.select_related("participant", "event", "group", "account__sponsoring_account")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """What everybody on the page has used, at once."""
        changelist = super().get_changelist_instance(request)
        registrations = list(changelist.result_list)
        balances = see_balances(registrations=registrations)
        for registration in registrations:
            registration.balance = balances[registration.pk]
        changelist.result_list = registrations
        return changelist

    @admin.display(description="Used · queued · left")
    def minutes(self, registration: Any) -> str:
        balance: Balance = (
            getattr(registration, "balance", None) or see_balances(registrations=[registration])[registration.pk]
        )
        left = "no limit" if balance.left is None else word_seconds(balance.left)
        return f"{word_seconds(balance.used)} · {word_seconds(balance.queued)} · {left}"

    @admin.display(description="Sponsorship")
    def sponsorship(self, registration: Registration) -> str:
        word = word_sponsorship(registration)
        return show_label(word, word, SPONSORSHIP)

    @admin.display(description="Sponsorship")
    def sponsorship_explained(self, registration: Registration) -> str:
        """Why somebody is paused, though an organizer may have resumed them."""
        label, reasons = self.sponsorship(registration), [word_frozen(registration)]
        if registration.paused_at:
            reasons.append(f"paused by an organizer, {show_time(registration.paused_at, registration.event.zone)}")
        words = "; ".join(reason for reason in reasons if reason)
        return format_html("{} {}", label, words) if words else label

    @admin.display(description="Quota")
    def quota(self, registration: Registration) -> str:
        words = word_quota(Quota(registration.quota_minutes, registration.quota_models))
        return f"{words}, {'of their own' if registration.has_own_quota else 'by policy'}"


class QuotaChangeInline(ReadOnly, TenantTabularInline):
    """The history of a registration's quota."""

    model = QuotaChange
    fields = ["when", "minutes", "models", "reason", "by"]
    readonly_fields = fields
    hide_title = True
    verbose_name_plural = "quota history"

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuotaChange]:
        queryset: QuerySet[QuotaChange] = super().get_queryset(request)
        return queryset.select_related("changed_by", "registration__event", "registration__participant")

    @admin.display(description="When")
    def when(self, change: QuotaChange) -> str:
        return show_time(change.changed_at, change.registration.event.zone)

    @admin.display(description="Training minutes")
    def minutes(self, change: QuotaChange) -> str:
        return f"{word_minutes(change.minutes_before)} → {word_minutes(change.minutes_after)}"

    @admin.display(description="Models")
    def models(self, change: QuotaChange) -> str:
        return f"{word_models(change.models_before)} → {word_models(change.models_after)}"

    @admin.display(description="By")
    def by(self, change: QuotaChange) -> str:
        return change.changed_by.email if change.changed_by else "Paddock"
