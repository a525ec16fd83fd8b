"""Organizations for operators, memberships for owners, and the switch between organizations."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.admin import ModelAdmin

from paddock.accounts.models import User
from paddock.tenancy.admin_base import TenantAdmin
from paddock.tenancy.lookup import list_memberships, list_organizations
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import across_tenants


class OperatorAdmin(ModelAdmin):  # type: ignore[misc]
    """Pages that only operators of the deployment open."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)  # type: ignore[union-attr]

    has_view_permission = has_add_permission = has_change_permission = has_delete_permission = (
        lambda self, request, obj=None: bool(request.user.is_superuser)
    )


@admin.register(Organization)
class OrganizationAdmin(OperatorAdmin):
    list_display = ["name", "slug", "created_at"]
    search_fields = ["name", "slug"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        with across_tenants("operators list every tenant"):
            return super().changelist_view(request, extra_context).render()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with across_tenants("operators make and change tenants"):
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A tenant does not go by a click."""
        return False


@admin.register(Membership)
class MembershipAdmin(TenantAdmin):
    writing_role = Membership.Role.OWNER
    list_display = ["user", "role", "all_events"]
    list_select_related = ["user"]
    autocomplete_fields = ["user"]


def list_switches(request: HttpRequest) -> list[dict[str, str]]:
    """The organizations that whoever signed in may switch to, for the menu at the top."""
    if not isinstance(request.user, User):
        return []
    if request.user.is_superuser:
        organizations = list_organizations()
    else:
        organizations = [membership.organization for membership in list_memberships(request.user)]
    return [
        {"title": each.name, "link": reverse("admin:switch_organization", args=[each.slug]), "icon": "flag"}
        for each in organizations
    ]


def name_organization(request: HttpRequest) -> str:
    organization = getattr(request, "organization", None)
    return organization.name if organization else "No organization"
