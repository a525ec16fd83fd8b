from datetime import datetime

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django_filters import rest_framework as filters

from paddock.api.moments import MomentFilter
from participants.models import Participant, Registration
from participants.models.registration import RegistrationQuerySet

SINCE = (
    "Changed at this moment or later (ISO 8601). Ask from a minute before your last look on: what was being written "
    "then may have come after it."
)


def by_email(path: str) -> filters.CharFilter:
    """Letters are lowered by PostgreSQL, as for the stored address."""
    return filters.CharFilter(
        method=lambda queryset, name, value: queryset.filter(**{path: Lower(Value(value.strip()))}),
        help_text="The whole address; upper and lower case are the same.",
    )


class RegistrationFilters(filters.FilterSet):  # type: ignore[misc]
    updated_since = MomentFilter(method="find_changed", help_text=SINCE)
    status = filters.ChoiceFilter(method="find_status", choices=Registration.Status.choices)
    email = by_email("participant__email_key")

    class Meta:
        model = Registration
        fields = ["updated_since", "status", "email"]

    def find_status(self, queryset: RegistrationQuerySet, name: str, status: str) -> QuerySet[Registration]:
        return queryset.having(Registration.Status(status))

    def find_changed(self, queryset: RegistrationQuerySet, name: str, moment: datetime) -> QuerySet[Registration]:
        return queryset.changed_since(moment)


class AllRegistrationFilters(RegistrationFilters):
    event = filters.CharFilter("event__slug", help_text="The event's part of addresses.")

    class Meta(RegistrationFilters.Meta):
        fields = [*RegistrationFilters.Meta.fields, "event"]


class ParticipantFilters(filters.FilterSet):  # type: ignore[misc]
    updated_since = MomentFilter("updated_at", lookup_expr="gte", help_text=SINCE)
    email = by_email("email_key")
    event = filters.CharFilter(method="find_of_event", help_text="Registered for this event, by its part of addresses.")

    class Meta:
        model = Participant
        fields = ["updated_since", "email", "event"]

    def find_of_event(self, queryset: QuerySet[Participant], name: str, slug: str) -> QuerySet[Participant]:
        return queryset.filter(pk__in=Registration.objects.filter(event__slug=slug).order_by().values("participant"))
