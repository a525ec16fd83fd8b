"""Preflights: looking at everything that an event needs."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.lookup import find_event_for
from paddock.api.idempotency import idempotent
from paddock.api.scopes import ACCOUNTS
from paddock.api.serializers import StrictSerializer
from paddock.api.views import ApiView, DetailApiView, ListApiView
from participants.api.examples import START_PREFLIGHT
from participants.domain.preflight.checks import LIGHTS
from participants.domain.preflight.running import see_standing, start_preflight
from participants.models import PreflightRun


class LineSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    group = serializers.CharField()
    title = serializers.CharField()
    light = serializers.ChoiceField(choices=LIGHTS)
    advice = serializers.CharField(allow_blank=True, help_text="What is the matter, and what to do.")


class PreflightSerializer(serializers.ModelSerializer[PreflightRun]):
    event = serializers.SlugRelatedField(slug_field="slug", read_only=True)  # type: ignore[var-annotated]
    worst = serializers.SerializerMethodField(help_text="The worst light of all lines.")
    is_over = serializers.SerializerMethodField()
    lines = LineSerializer(many=True, read_only=True)

    class Meta:
        model = PreflightRun
        fields = ["id", "event", "started_at", "finished_at", "is_over", "worst", "lines"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=LIGHTS))
    def get_worst(self, run: PreflightRun) -> str:
        return see_standing(run).worst.value

    def get_is_over(self, run: PreflightRun) -> bool:
        standing = see_standing(run)
        return standing.is_over or standing.is_broken_off


class _Preflights(ApiView):
    area, event_path = ACCOUNTS, "event"
    queryset = PreflightRun.objects.select_related("event")
    serializer_class = PreflightSerializer

    def get_queryset(self) -> QuerySet[PreflightRun]:
        event = find_event_for(self.key, self.kwargs["event"])
        runs: QuerySet[PreflightRun] = super().get_queryset().filter(event=event)
        return runs


@extend_schema(summary="List an event's preflights")
class PreflightsView(_Preflights, ListApiView):
    @extend_schema(
        summary="Start a preflight",
        description="Looks at everything that the event needs, and changes nothing. Read it until `is_over`.",
        request=StrictSerializer,
        responses={202: PreflightSerializer},
        examples=START_PREFLIGHT,
    )
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        event = find_event_for(self.key, kwargs["event"])
        StrictSerializer(data=request.data).is_valid(raise_exception=True)
        run = start_preflight(of=event, actor=None)
        return self.answer(self.get_queryset().get(pk=run.pk), status_code=status.HTTP_202_ACCEPTED)


@extend_schema(summary="Read a preflight, line by line")
class PreflightView(_Preflights, DetailApiView):
    lookup_field, lookup_url_kwarg = "pk", "preflight"
