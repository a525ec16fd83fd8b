"""Racers as their services know them."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from paddock.api.moments import MomentFilter
from paddock.api.scopes import RACING
from paddock.api.views import ApiView, DetailApiView, ListApiView
from participants.api.filters import SINCE, by_email
from participants.api.people import limit_to_own_people
from participants.api.serializers import PersonSerializer
from participants.models import RacerProfile, Registration


class RacerSerializer(serializers.ModelSerializer[RacerProfile]):
    """Counters are the service's own, of all that the racer ever did in this account, as of `seen_at`."""

    sponsoring_account = serializers.SlugRelatedField(slug_field="account_id", read_only=True)  # type: ignore[var-annotated]
    participant = PersonSerializer(allow_null=True, read_only=True, help_text="Null: nobody knows whose it is.")
    linked_by = serializers.ChoiceField(
        RacerProfile.Link.choices, allow_blank=True, read_only=True, help_text="Empty: it is nobody's yet."
    )
    state = serializers.ChoiceField(
        RacerProfile.State.choices, allow_blank=True, read_only=True, help_text="Empty: not seen yet."
    )

    class Meta:
        model = RacerProfile
        fields = [
            *("id", "sponsoring_account", "participant", "alias", "linked_by", "is_ignored", "state"),
            *("used_seconds", "queued_seconds", "max_minutes", "max_models", "model_count", "storage_bytes"),
            *("joined_at", "seen_at", "updated_at"),
        ]
        read_only_fields = fields


class RacerFilters(filters.FilterSet):  # type: ignore[misc]
    updated_since = MomentFilter("updated_at", lookup_expr="gte", help_text=SINCE)
    alias = filters.CharFilter("alias")
    email = by_email("participant__email_key")
    event = filters.CharFilter(method="find_of_event", help_text="Registered for this event, by its part of addresses.")
    sponsoring_account = filters.CharFilter("sponsoring_account__account_id", help_text="Its twelve digits.")
    is_linked = filters.BooleanFilter("participant", lookup_expr="isnull", exclude=True)

    class Meta:
        model = RacerProfile
        fields = ["updated_since", "alias", "email", "event", "sponsoring_account", "is_linked"]

    def find_of_event(self, queryset: QuerySet[RacerProfile], name: str, slug: str) -> QuerySet[RacerProfile]:
        people = Registration.objects.filter(event__slug=slug).order_by()
        return queryset.filter(participant__in=people.values("participant"))


class _Racers(ApiView):
    area = RACING
    reach = "A key for chosen events sees the racers of people who registered for one of them."
    queryset = RacerProfile.objects.select_related("sponsoring_account", "participant")
    serializer_class = RacerSerializer

    def get_queryset(self) -> QuerySet[RacerProfile]:
        return limit_to_own_people(self.key, super().get_queryset(), "participant")


@extend_schema(summary="List racer profiles")
class RacersView(_Racers, ListApiView):
    filterset_class = RacerFilters


@extend_schema(summary="Read a racer profile")
class RacerView(_Racers, DetailApiView):
    lookup_field, lookup_url_kwarg = "pk", "racer"
