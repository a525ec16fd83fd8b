"""Who works for the organization, as what, and for which events."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminEmailInputWidget

from events.models import EventAccess
from paddock.accounts.users import find_or_invite_user
from paddock.tenancy.admin_base import TenantAdmin, TenantTabularInline, show_label
from paddock.tenancy.models import Membership


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Membership
        fields = ["role", "all_events"]

    def clean(self) -> dict[str, Any] | None:
        """An owner who saw some events only could grant themselves the others."""
        cleaned = super().clean()
        if self.cleaned_data.get("role") == Membership.Role.OWNER and not self.cleaned_data.get("all_events", True):
            self.add_error("all_events", "An owner looks after the whole organization, so after all its events.")
        return cleaned


class NewMembershipForm(MembershipForm):
    """People are named by their address: a list to choose from would show other organizations' people."""

    email = forms.EmailField(
        label="E-mail address",
        widget=UnfoldAdminEmailInputWidget,
        help_text="The one that this person signs in with. Paddock sends nothing to it.",
    )

    class Meta(MembershipForm.Meta):
        fields = ["email", "role", "all_events"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if Membership.objects.filter(user__email=email).exists():
            raise ValidationError("This person is a member already.")
        return email


class EventAccessInline(TenantTabularInline):
    model = EventAccess
    writing_role = Membership.Role.OWNER
    viewing_role = Membership.Role.OWNER
    verbose_name = "chosen event"
    verbose_name_plural = "chosen events"
    fields = ["event"]


@admin.register(Membership)
class MembershipAdmin(TenantAdmin):
    viewing_role = Membership.Role.OWNER
    writing_role = Membership.Role.OWNER
    form = MembershipForm
    list_display = ["email", "standing", "events"]
    list_filter = ["role"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    inlines = [EventAccessInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        queryset: QuerySet[Membership] = super().get_queryset(request)
        return queryset.prefetch_related("chosen_events__event")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({"form": NewMembershipForm} if obj is None else {}) | kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Whoever saves without looking gives away as little as can be."""
        return {"role": Membership.Role.VIEWER, **super().get_changeform_initial_data(request)}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["email", "role", "all_events"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["email"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes their own: the last owner would be gone with one slip."""
        return super().has_change_permission(request, obj) and not _is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_own(request, obj)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        if not change:
            obj.user = find_or_invite_user(email=form.cleaned_data["email"])
        super().save_model(request, obj, form, change)

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
