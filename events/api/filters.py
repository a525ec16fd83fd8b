from django_filters import rest_framework as filters

from events.models import Event
from paddock.api.moments import MomentFilter


class EventFilters(filters.FilterSet):  # type: ignore[misc]
    updated_since = MomentFilter(
        "updated_at", lookup_expr="gte", help_text="Changed at this moment or later (ISO 8601)."
    )
    is_published = filters.BooleanFilter()
    ends_after = MomentFilter("ends_at", lookup_expr="gt", help_text="Not over at this moment.")

    class Meta:
        model = Event
        fields = ["updated_since", "is_published", "ends_after"]
