"""What the audit trail is filtered by."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date

from paddock.audit.actors import Kind
from paddock.audit.row_words import find_types


class TypedFilter(admin.SimpleListFilter):
    """What somebody typed over the list, or came with by a link. It stands among the filters where it is in use."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = request.GET.get(self.parameter_name)  # type: ignore[arg-type]
        return [(value, value)] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return self.narrow(queryset, value) if value else queryset

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        raise NotImplementedError


class SinceFilter(TypedFilter):
    title, parameter_name = "from", "since"

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        day = read_day(value)
        return queryset.filter(at__gte=day) if day else queryset.none()


class UntilFilter(TypedFilter):
    """With the day itself."""

    title, parameter_name = "until", "until"

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        day = read_day(value)
        return queryset.filter(at__lt=day + timedelta(days=1)) if day else queryset.none()


class WhoFilter(TypedFilter):
    title, parameter_name = "who", "who"

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(actor_name__icontains=value)


class RequestFilter(TypedFilter):
    title, parameter_name = "request", "request"

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(request_id=value)


class ObjectFilter(TypedFilter):
    """Together with the type; a number that is none finds nothing."""

    title, parameter_name = "object", "object"

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(object_id=int(value)) if value.isdecimal() and len(value) < 19 else queryset.none()


class KindFilter(admin.SimpleListFilter):
    title, parameter_name = "kind of actor", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, str(kind.label)) for kind in Kind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(actor_kind=self.value()) if self.value() else queryset


class TypeFilter(admin.SimpleListFilter):
    """Every type there is: to ask which ones occur would read the whole trail."""

    title, parameter_name = "object type", "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        hidden = model_admin.list_hidden_types(request)
        types = {name: str(model._meta.verbose_name).capitalize() for name, model in find_types().items()}
        return sorted(((name, title) for name, title in types.items() if name not in hidden), key=lambda each: each[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


def read_day(value: str) -> datetime | None:
    try:
        day = parse_date(value)
    except ValueError:
        return None
    # The calendar's last day has none after it.
    return timezone.make_aware(datetime.combine(day, time())) if day and day < date.max else None
