"""The base of every admin page that shows a tenant's rows: what a role may do, and which events it may see."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet, URLField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.utils import display_for_label

from paddock.audit.forms import AuditedForms
from paddock.tenancy.models import Membership

RANKS = {Membership.Role.VIEWER: 0, Membership.Role.ORGANIZER: 1, Membership.Role.OWNER: 2}
# What a page's own filters add to the name of a field.
FILTER_LOOKUPS = ("", "__exact", "__id__exact", "__isnull")

# An address typed without its scheme is a safe one.
FORM_FIELDS = {URLField: {"assume_scheme": "https"}}


def may(request: HttpRequest, role: Membership.Role) -> bool:
    """Whether whoever signed in has this role or a higher one in the organization of the request.

    An operator of the deployment has every role while a session in it is open, and none at any other time.
    """
    if request.user.is_superuser:
        return getattr(request, "operator_session", None) is not None
    membership: Membership | None = getattr(request, "membership", None)
    return membership is not None and RANKS[Membership.Role(membership.role)] >= RANKS[role]


def limit_to_chosen_events(request: HttpRequest, queryset: QuerySet[Any], path: str) -> QuerySet[Any]:
    """Only rows of the events that the membership is for; `path` leads from the rows to their event."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None or membership.all_events:
        return queryset
    return queryset.filter(**{f"{path}__in": membership.chosen_events.values("event_id")})


def sees_all_events(request: HttpRequest) -> bool:
    membership: Membership | None = getattr(request, "membership", None)
    return membership is None or membership.all_events


def show_time(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """A moment with the name of its zone; UTC where it belongs to no event."""
    if moment is None:
        return "-"
    local = timezone.localtime(moment, zone or timezone.get_default_timezone())
    return f"{date_format(local, 'j M Y, H:i')} {local.tzname()}"


def show_label(state: str, word: str, colours: Mapping[Any, str | None] | Mapping[Any, str]) -> str:
    """A word in the colour of its state, on lists and pages alike."""
    return str(display_for_label((state, word), "-", {state: colours.get(state)}))


class RolePermissions:
    """`viewing_role` and those above it look; `writing_role` and those above it change."""

    viewing_role = Membership.Role.VIEWER
    writing_role = Membership.Role.ORGANIZER

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, self.viewing_role)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may(request, self.viewing_role)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may(request, self.writing_role)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may(request, self.writing_role)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may(request, self.writing_role)


class ReadOnly(RolePermissions):
    """What convergence writes, and people only look at."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class TenantAdmin(RolePermissions, AuditedForms, ModelAdmin):  # type: ignore[misc]
    """`event_path` leads from the model to its event, for memberships that are for chosen events alone."""

    list_per_page = 50
    formfield_overrides = FORM_FIELDS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset(request)
        return limit_to_chosen_events(request, queryset, self.event_path) if self.event_path else queryset

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what the page's own filters ask: any other lookup could feel its way into columns that are not shown."""
        filters = self.get_list_filter(request) if request else self.list_filter
        names = {each if isinstance(each, str) else each.parameter_name for each in filters}
        return any(lookup == f"{name}{suffix}" for name in names for suffix in FILTER_LOOKUPS)


class TenantTabularInline(RolePermissions, TabularInline):  # type: ignore[misc]
    extra = 0
    formfield_overrides = FORM_FIELDS


class TenantStackedInline(RolePermissions, StackedInline):  # type: ignore[misc]
    extra = 0
    formfield_overrides = FORM_FIELDS


class ChosenFilter(admin.SimpleListFilter):
    """A filter by few rows. Its choices come from the page of their model, so it shows no more than that."""

    model: type[Model]
    path: str  # from the rows of the list to the model

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = model_admin.admin_site.get_model_admin(self.model).get_queryset(request)
        return [(str(row.pk), str(row)) for row in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(**{self.path: value}) if value.isdigit() else queryset.none()
