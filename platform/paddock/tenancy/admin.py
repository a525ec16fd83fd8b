"""Organizations, for operators of the deployment."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from paddock.tenancy.admin_base import show_time
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import across_tenants


class OperatorAdmin(ModelAdmin):  # type: ignore[misc]
    """Pages that only operators of the deployment open."""

    def _is_operator(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    has_module_permission = has_view_permission = _is_operator
    has_add_permission = has_change_permission = has_delete_permission = _is_operator


@admin.register(Organization)
class OrganizationAdmin(OperatorAdmin):
    list_display = ["name", "slug", "since"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        with across_tenants("operators list every tenant"):
            return _render(super().changelist_view(request, extra_context))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with across_tenants("operators make and change tenants"):
            return _render(super().changeform_view(request, *args, **kwargs))

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with across_tenants("operators see what was done to every tenant"):
            return _render(super().history_view(request, *args, **kwargs))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """An address that is out in the world does not follow the name."""
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []

    @admin.display(description="Since", ordering="created_at")
    def since(self, organization: Organization) -> str:
        return show_time(organization.created_at)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A tenant does not go by a click."""
        return False


def _render(response: HttpResponse) -> HttpResponse:
    """Templates read rows too, and must do so before the scope ends."""
    rendered: HttpResponse = response.render() if hasattr(response, "render") else response
    return rendered
