"""People who sign in, for operators of the deployment."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm, BaseDialogForm

from paddock.accounts.forms import NewUserForm, UserForm
from paddock.accounts.models import User
from paddock.accounts.second_factor import has_second_factor, remove
from paddock.accounts.sessions import end_all_sessions
from paddock.tenancy.admin import OperatorAdmin
from paddock.tenancy.admin_base import show_label, show_time
from paddock.tenancy.lookup import list_memberships

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(BaseUserAdmin, OperatorAdmin):  # type: ignore[misc, type-arg]
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "name", "standing", "seen"]
    list_filter = ["is_active", "is_superuser"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    actions_detail = ["reset_second_factor"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        ("What they may do", {"fields": ["is_active", "is_superuser", "organizations"]}),
        ("Times", {"fields": ["seen", "joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "name"]}),
        ("How they sign in", {"fields": ["usable_password", "password1", "password2"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The identity provider says who somebody is, at each sign-in."""
        of_provider = ["email", "name", "is_superuser"] if obj and not obj.is_local else []
        return ["organizations", "seen", "joined", *of_provider]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tenants' records name people; whoever leaves is made inactive."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Whoever is made inactive does not find their sessions again once they are active."""
        super().save_model(request, obj, form, change)
        if change and {"is_active", "is_superuser"} & set(form.changed_data):
            end_all_sessions(obj)

    def has_lost_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user: User | None = self.get_object(request, object_id) if object_id else None
        return self.has_change_permission(request) and (user is None or has_second_factor(user))

    @action(  # type: ignore[untyped-decorator]
        description="Remove the second factor…",
        icon="phonelink_erase",
        permissions=["lost"],
        url_path="reset-second-factor",
        dialog={
            "title": "Remove this operator's second factor?",
            "description": "For somebody who lost theirs. They are signed out, and set up a new one when they sign in.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Remove it",
        },
    )
    def reset_second_factor(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        user = get_object_or_404(User, pk=object_id)
        remove(user=user)
        end_all_sessions(user)
        self.message_user(request, f"{user} sets up a new second factor at the next sign-in.")
        page = reverse("admin:accounts_user_change", args=[user.pk])
        return HttpResponseClientRedirect(page) if request.headers.get("HX-Request") else HttpResponseRedirect(page)

    @admin.display(description="Standing")
    def standing(self, user: User) -> str:
        word = "Inactive" if not user.is_active else "Operator" if user.is_superuser else "Member"
        return show_label(word, word, {"Inactive": "danger", "Operator": "info"})

    @admin.display(description="Works for")
    def organizations(self, user: User) -> str:
        memberships = list_memberships(user) if user.pk else []
        return ", ".join(f"{each.organization} ({each.get_role_display()})" for each in memberships) or "Nobody yet"

    @admin.display(description="Last sign-in", ordering="last_login")
    def seen(self, user: User) -> str:
        return show_time(user.last_login)

    @admin.display(description="Known since", ordering="date_joined")
    def joined(self, user: User) -> str:
        return show_time(user.date_joined)
