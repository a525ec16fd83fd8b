"""Quota policies and groups: where they stand, what they say, and the way to change them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, ForeignKey, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from events.models import Event, ParticipantGroup, QuotaPolicy
from paddock.tenancy.admin_base import TenantAdmin, sees_all_events
from paddock.tenancy.forms import TenantForm
from participants.admin.confirmation_flow import find_address
from participants.admin.confirmation_pages import BulkActionsMixin, offer
from participants.admin.filters import EventFilter
from participants.admin.policy_action import CHANGE_POLICY, word_rule
from participants.admin.words import word_quota
from participants.domain.quotas.policies import Policies, Quota, load_policies
from participants.models import Registration


class OfVisibleEvents(TenantAdmin):
    """Offers the events, and the groups of the events, that whoever signed in may see."""

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        events = admin.site.get_model_admin(Event).get_queryset(request)
        if db_field.name == "event":
            kwargs["queryset"] = events
        if db_field.name == "group":
            kwargs["queryset"] = ParticipantGroup.objects.filter(event__in=events.order_by().values("pk"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class PolicyPlaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Where a new policy stands. What it says is asked next, with a preview of whom it reaches."""

    class Meta:
        model = QuotaPolicy
        fields = ["event", "group"]
        help_texts = {"event": "Empty: the whole organization.", "group": "Empty: the whole event."}

    may_stand_above_events = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        event, group = cleaned.get("event"), cleaned.get("group")
        if group and event is None:
            cleaned["event"] = event = group.event
        if group and group.event != event:
            raise ValidationError({"group": "This group belongs to another event."})
        if event is None and not self.may_stand_above_events:
            raise ValidationError({"event": "Choose one of your events."})
        if QuotaPolicy.objects.filter(event=event, group=group).exists():
            raise ValidationError("There is a policy for this already: change it on the list.")
        return cleaned


@admin.register(QuotaPolicy)
class QuotaPolicyAdmin(BulkActionsMixin, OfVisibleEvents):
    """What a policy says is changed by its button alone, which shows whom that reaches."""

    form = PolicyPlaceForm
    event_path = "event"
    list_display = ["place", "level", "says", "results", "people"]
    search_fields = ["event__title", "group__name"]
    search_help_text = "Event or group"
    list_select_related = ["organization", "event", "group"]
    list_filter = [EventFilter]
    fields = ["place", "level", "says", "results", "people"]
    readonly_fields = fields
    list_before_template = "admin/quota_policies_note.html"
    bulk_actions = [CHANGE_POLICY]
    actions_detail = ["change_policy"]
    change_policy = offer(CHANGE_POLICY, model=QuotaPolicy, choose="id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuotaPolicy]:
        queryset: QuerySet[QuotaPolicy] = super().get_queryset(request)
        return queryset.select_related("organization", "event", "group").order_by("event__title", "group__name", "pk")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """What all policies on the page come to, and whom they reach, at once."""
        changelist = super().get_changelist_instance(request)
        changelist.result_list = complete(list(changelist.result_list))
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        default = QuotaPolicy.objects.filter(event=None, minutes__isnull=False)
        context = (extra_context or {}) | {"has_default": default.exists()}
        response: HttpResponse = super().changelist_view(request, context)
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        policy = super().get_object(request, object_id, from_field)
        return complete([policy])[0] if policy else None

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else ["event", "group"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.readonly_fields if obj else []

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.may_stand_above_events = sees_all_events(request)
        return form

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def response_add(self, request: HttpRequest, obj: QuotaPolicy, post_url_continue: Any = None) -> HttpResponse:
        """On to what it says."""
        return HttpResponseRedirect(f"{find_address(QuotaPolicy, CHANGE_POLICY)}?id={obj.pk}")

    @admin.display(description="Of")
    def place(self, policy: QuotaPolicy) -> str:
        return str(policy)

    @admin.display(description="Level")
    def level(self, policy: QuotaPolicy) -> str:
        if policy.group:
            return f"Group of {policy.event}"
        return "Event" if policy.event else "Organization"

    @admin.display(description="Says")
    def says(self, policy: QuotaPolicy) -> str:
        return word_rule(Quota(policy.minutes, policy.model_count))

    @admin.display(description="Comes to")
    def results(self, policy: Any) -> str:
        return word_quota(policy.results)

    @admin.display(description="People")
    def people(self, policy: Any) -> str:
        return str(policy.people_count)


def complete(policies: list[QuotaPolicy]) -> list[Any]:
    """Each with what it comes to, together with the levels above it, and the number of people it is the nearest for."""
    events = {policy.event_id for policy in policies if policy.event_id}
    rules = load_policies(events=events)
    people = Registration.objects.filter(removed_at=None).order_by()
    by_place = {
        (event_id, group_id): number
        for event_id, group_id, number in people.values_list("event", "group").annotate(Count("id"))
    }
    for policy in policies:
        policy.results = _resolve(rules, policy)  # type: ignore[attr-defined]
        policy.people_count = sum(  # type: ignore[attr-defined]
            number for place, number in by_place.items() if _is_within(policy, *place)
        )
    return policies


def _resolve(rules: Policies, policy: QuotaPolicy) -> Quota:
    if policy.event_id is None:
        return Quota(policy.minutes, policy.model_count)
    return rules.resolve(event_id=policy.event_id, group_id=policy.group_id)


def _is_within(policy: QuotaPolicy, event_id: int, group_id: int | None) -> bool:
    if policy.group_id is not None:
        return group_id == policy.group_id
    return policy.event_id in (None, event_id)


@admin.register(ParticipantGroup)
class ParticipantGroupAdmin(OfVisibleEvents):
    """People are put into groups on the list of registrations."""

    form = TenantForm
    event_path = "event"
    list_display = ["name", "event", "people"]
    list_select_related = ["event"]
    list_filter = [EventFilter]
    search_fields = ["name"]
    fields = ["event", "name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ParticipantGroup]:
        queryset: QuerySet[ParticipantGroup] = super().get_queryset(request)
        present = Count("registrations", filter=Q(registrations__removed_at=None))
        return queryset.annotate(people_count=present)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["event"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With people in it or a policy of its own, a group is something that quotas hang on."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and (obj.registrations.exists() or obj.quota_policies.exists()))

    @admin.display(description="People", ordering="people_count")
    def people(self, group: Any) -> str:
        return str(group.people_count)
