"""Who works for the organization, as what, and for which events."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import action

from events.models import EventAccess
from paddock.tenancy.admin_base import TenantAdmin, TenantTabularInline, may, show_label
from paddock.tenancy.admin_deletion import RefusableDeletion
from paddock.tenancy.leaving import end_sessions_of_leaver
from paddock.tenancy.models import Membership
from paddock.tenancy.owners import keep_an_owner


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Membership
        fields = ["role", "all_events"]

    def clean(self) -> dict[str, Any] | None:
        """An owner who saw some events only could grant themselves the others."""
        cleaned = super().clean()
        is_owner = self.cleaned_data.get("role") == Membership.Role.OWNER
        if is_owner and not self.cleaned_data.get("all_events", True):
            self.add_error("all_events", "An owner looks after the whole organization, so after all its events.")
        if not is_owner:
            self._keep_an_owner()
        return cleaned

    def _keep_an_owner(self) -> None:
        try:
            keep_an_owner(without=self.instance)
        except ValidationError as error:
            self.add_error("role", error)


class EventAccessInline(TenantTabularInline):
    model = EventAccess
    writing_role = Membership.Role.OWNER
    viewing_role = Membership.Role.OWNER
    verbose_name = "chosen event"
    verbose_name_plural = "chosen events"
    fields = ["event"]


@admin.register(Membership)
class MembershipAdmin(RefusableDeletion, TenantAdmin):
    viewing_role = Membership.Role.OWNER
    writing_role = Membership.Role.OWNER
    form = MembershipForm
    list_display = ["email", "standing", "events"]
    list_filter = ["role"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    inlines = [EventAccessInline]
    fields = ["email", "role", "all_events"]
    actions_list = ["invite"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        queryset: QuerySet[Membership] = super().get_queryset(request)
        return queryset.prefetch_related("chosen_events__event")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["email"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People are invited, and become members by accepting."""
        return False

    def has_invite_permission(self, request: HttpRequest) -> bool:
        return may(request, Membership.Role.OWNER)

    @action(description="Invite somebody", icon="person_add", permissions=["invite"], url_path="invite")  # type: ignore[untyped-decorator]
    def invite(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:events_invitation_add"))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes their own: the last owner would be gone with one slip."""
        return super().has_change_permission(request, obj) and not _is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_own(request, obj)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        keep_an_owner(without=obj)
        super().delete_model(request, obj)
        end_sessions_of_leaver(obj.user)

    @admin.display(description="E-mail address", ordering="user__email")
    def email(self, membership: Membership) -> str:
        return membership.user.email

    @admin.display(description="Role", ordering="role")
    def standing(self, membership: Membership) -> str:
        colours = {Membership.Role.OWNER: "info", Membership.Role.ORGANIZER: "primary"}
        return show_label(membership.role, membership.get_role_display(), colours)

    @admin.display(description="Events")
    def events(self, membership: Membership) -> str:
        if membership.all_events:
            return "All"
        return ", ".join(str(chosen.event) for chosen in membership.chosen_events.all()) or "None"


def _is_own(request: HttpRequest, membership: Model | None) -> bool:
    return isinstance(membership, Membership) and membership.user_id == request.user.pk
