"""Filters that several lists share."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from events.models import Event, SponsoringAccount
from paddock.tenancy.admin_base import ChosenFilter
from participants.convergence.kinds import list_kinds
from participants.models import Registration, Step


class EventFilter(ChosenFilter):
    title = "event"
    parameter_name = path = "event"
    model = Event


class MessageEventFilter(EventFilter):
    path = "registration__event"


class AccountFilter(ChosenFilter):
    title = "sponsoring account"
    parameter_name = "account"
    path = "sponsoring_account"
    model = SponsoringAccount


class StatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, str(status.label)) for status in Registration.Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        rows: Any = queryset  # typed loosely: the status is annotated
        chosen: QuerySet[Registration] = rows.filter(status=self.value()) if self.value() else queryset
        return chosen


class OperationFilter(admin.SimpleListFilter):
    """Stands on the list for whoever comes from an operation's page; there are too many to choose from."""

    title = "operation"
    parameter_name = "operation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = request.GET.get(self.parameter_name)
        return [(value, f"Operation {value}")] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Step]) -> QuerySet[Step]:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(operation=int(value)) if value.isdigit() else queryset.none()


class KindFilter(admin.SimpleListFilter):
    title = "step"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.name, kind.title) for kind in list_kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Step]) -> QuerySet[Step]:
        return queryset.filter(kind=self.value()) if self.value() else queryset
