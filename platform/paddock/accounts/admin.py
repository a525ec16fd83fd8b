"""People who sign in, for operators of the deployment."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm

from paddock.accounts.forms import NewUserForm, UserForm
from paddock.accounts.models import User
from paddock.tenancy.admin import OperatorAdmin
from paddock.tenancy.lookup import list_memberships

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(BaseUserAdmin, OperatorAdmin):  # type: ignore[misc, type-arg]
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "name", "standing", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    filter_horizontal = []
    readonly_fields = ["organizations", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        ("What they may do", {"fields": ["is_active", "is_superuser", "organizations"]}),
        ("Times (UTC)", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "name"]}),
        ("How they sign in", {"fields": ["usable_password", "password1", "password2"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tenants' records name people; whoever leaves is made inactive."""
        return False

    @display(description="May", label={"operator": "info", "inactive": "danger", "member": None})  # type: ignore[untyped-decorator]
    def standing(self, user: User) -> tuple[str, str]:
        if not user.is_active:
            return "inactive", "Not sign in"
        return ("operator", "Operate Paddock") if user.is_superuser else ("member", "Work for organizations")

    @admin.display(description="Works for")
    def organizations(self, user: User) -> str:
        memberships = list_memberships(user) if user.pk else []
        return ", ".join(f"{each.organization} ({each.get_role_display()})" for each in memberships) or "Nobody yet"
