"""Whom a key reaches: one for chosen events those people who registered for one of them."""

from typing import Any

from django.db.models import QuerySet

from paddock.api.keys import limit_to_chosen_events
from paddock.api.models import ApiKey
from participants.models import Registration


def limit_to_own_people(key: ApiKey, queryset: QuerySet[Any], path: str) -> QuerySet[Any]:
    """`path` leads from the rows to their participant."""
    if key.all_events:
        return queryset
    registrations = limit_to_chosen_events(key, Registration.objects.order_by(), "event")
    return queryset.filter(**{f"{path}__in": registrations.values("participant")})
