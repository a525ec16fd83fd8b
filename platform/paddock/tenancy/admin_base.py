"""The base of every admin page that shows a tenant's rows: what a role may do, and which events it may see."""

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from paddock.tenancy.models import Membership

RANKS = {Membership.Role.VIEWER: 0, Membership.Role.ORGANIZER: 1, Membership.Role.OWNER: 2}


def may(request: HttpRequest, role: Membership.Role) -> bool:
    """Whether whoever signed in has this role or a higher one in the organization of the request."""
    if request.user.is_superuser:  # type: ignore[union-attr]
        return getattr(request, "organization", None) is not None
    membership: Membership | None = getattr(request, "membership", None)
    return membership is not None and RANKS[Membership.Role(membership.role)] >= RANKS[role]


class RolePermissions:
    """Everybody in the organization looks; `writing_role` and those above it change."""

    writing_role = Membership.Role.ORGANIZER

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, Membership.Role.VIEWER)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may(request, Membership.Role.VIEWER)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may(request, self.writing_role)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may(request, self.writing_role)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may(request, self.writing_role)


class TenantAdmin(RolePermissions, ModelAdmin):  # type: ignore[misc]
    """`event_path` leads from the model to its event, for memberships that are for chosen events alone."""

    event_path: str | None = None
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset(request)
        chosen = chosen_events(request)
        return (
            queryset
            if chosen is None or self.event_path is None
            else queryset.filter(**{f"{self.event_path}__in": chosen})
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        chosen = chosen_events(request)
        if chosen is not None and db_field.name == "event":
            kwargs["queryset"] = db_field.remote_field.model.objects.filter(pk__in=chosen)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class TenantInline(RolePermissions, TabularInline):  # type: ignore[misc]
    extra = 0


def chosen_events(request: HttpRequest) -> QuerySet[Any] | None:
    """Ids of the events that the membership is limited to; None where it is for all."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None or membership.all_events:
        return None
    return membership.chosen_events.values("event_id")
