"""People of an organization, and how the racing service knows them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from paddock.tenancy.admin_base import (
    TenantAdmin,
    TenantTabularInline,
    limit_to_chosen_events,
    sees_all_events,
    show_time,
)
from participants.models import Participant, RacerProfile


class RacerProfileInline(TenantTabularInline):
    model = RacerProfile
    fields = ["sponsoring_account", "alias"]


class ParticipantForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Participant
        fields = ["email", "given_name", "family_name"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if Participant.objects.filter(email_key=email.lower()).exclude(pk=self.instance.pk).exists():
            raise ValidationError("Another participant has this address.")
        return email


@admin.register(Participant)
class ParticipantAdmin(TenantAdmin):
    form = ParticipantForm
    list_display = ["name", "email", "since"]
    search_fields = ["email_key", "family_name", "given_name"]
    search_help_text = "E-mail address or name"
    fields = ["email", ("given_name", "family_name"), "since", "account"]
    inlines = [RacerProfileInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        queryset: QuerySet[Participant] = super().get_queryset(request)
        if sees_all_events(request):
            return queryset
        return limit_to_chosen_events(request, queryset, "registrations__event").distinct()

    def get_readonly_fields(self, request: HttpRequest, obj: Participant | None = None) -> list[str]:
        """Once a directory or a sign-in knows somebody by their address, another one would be another person's."""
        found = obj and (obj.user_id or obj.registrations.exclude(directory_user_id="").exists())
        return ["email", "since", "account"] if found else ["since", "account"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Name", ordering="family_name")
    def name(self, participant: Participant) -> str:
        return str(participant)

    @admin.display(description="Known since", ordering="created_at")
    def since(self, participant: Participant) -> str:
        return show_time(participant.created_at)

    @admin.display(description="Company account")
    def account(self, participant: Participant) -> str:
        return "Has signed in with it" if participant.user_id else "Has not signed in yet"
