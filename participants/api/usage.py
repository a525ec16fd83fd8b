"""What people have used of what they may, one by one and in sum."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.lookup import find_event_for
from paddock.api.scopes import RACING
from paddock.api.views import ApiView, ListApiView
from participants.api.filters import by_email
from participants.api.serializers import PersonSerializer
from participants.domain.quotas.balances import see_balances
from participants.domain.usage.figures import see_event_usage
from participants.models import RacerProfile, Registration


class BalanceSerializer(serializers.ModelSerializer[Registration]):
    registration = serializers.UUIDField(source="reference", read_only=True)
    participant = PersonSerializer(read_only=True)
    group = serializers.SlugRelatedField(slug_field="name", allow_null=True, read_only=True)  # type: ignore[var-annotated]
    used_seconds = serializers.IntegerField(source="balance.used", read_only=True, help_text="In this event.")
    queued_seconds = serializers.IntegerField(
        source="balance.queued", read_only=True, help_text="Running and queued at worst, in the whole account."
    )
    left_seconds = serializers.IntegerField(
        source="balance.left", allow_null=True, read_only=True, help_text="Null: no limit."
    )
    model_count = serializers.IntegerField(allow_null=True, read_only=True, help_text="As the last look found them.")

    class Meta:
        model = Registration
        fields = [
            *("registration", "participant", "group", "quota_minutes", "quota_models", "has_own_quota", "paused_at"),
            *("used_seconds", "queued_seconds", "left_seconds", "model_count"),
        ]
        read_only_fields = fields


class BalanceFilters(filters.FilterSet):  # type: ignore[misc]
    email = by_email("participant__email_key")
    group = filters.CharFilter("group__name")
    is_paused = filters.BooleanFilter("paused_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Registration
        fields = ["email", "group", "is_paused"]


@extend_schema(summary="List what people of an event have used, and have left")
class BalancesView(ListApiView):
    area, event_path = RACING, "event"
    queryset = Registration.objects.filter(removed_at=None).select_related("participant", "group")
    serializer_class = BalanceSerializer
    filterset_class = BalanceFilters

    def get_queryset(self) -> QuerySet[Registration]:
        event = find_event_for(self.key, self.kwargs["event"])
        people: QuerySet[Registration] = super().get_queryset().filter(event=event)
        racer = RacerProfile.objects.filter(
            participant=OuterRef("participant"), sponsoring_account=OuterRef("account__sponsoring_account")
        )
        return people.annotate(model_count=Subquery(racer.values("model_count")[:1]))

    def load(self, rows: list[Any]) -> list[Any]:
        balances = see_balances(registrations=rows)
        for registration in rows:
            registration.balance = balances[registration.pk]
        return rows


class UsageSerializer(serializers.Serializer[Any]):
    """Money is in micro-dollars: 3,500,000 is 3.50 USD."""

    training_seconds = serializers.IntegerField()
    spent = serializers.IntegerField(help_text="What the ledger holds, at the prices of each day.")
    exposure = serializers.IntegerField(help_text="What running and queued jobs come to at worst, on top of it.")
    storage_bytes = serializers.IntegerField()
    racers = serializers.IntegerField(help_text="Who have trained at all.")
    training_now = serializers.IntegerField(help_text="Who have jobs that run or wait.")
    as_of = serializers.DateTimeField(allow_null=True, help_text="The oldest look that this rests on.")


class EventUsageView(ApiView):
    area = RACING
    serializer_class = UsageSerializer

    @extend_schema(summary="Read what an event has used and spent")
    def get(self, request: Request, **kwargs: Any) -> Response:
        event = find_event_for(self.key, kwargs["event"])
        return Response(UsageSerializer(see_event_usage(events=[event])[event.pk]).data)
