"""Who did what, and why."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from events.models import Event
from paddock.api.moments import MomentFilter
from paddock.api.scopes import AUDIT
from paddock.api.views import ListApiView
from paddock.audit.actors import Kind
from paddock.audit.models import AuditEntry


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    event = serializers.SerializerMethodField(help_text="The event that it is about; null: the organization.")
    actor = serializers.CharField(source="actor_name")
    changes = serializers.DictField(help_text="[before, after], by what changed.")

    class Meta:
        model = AuditEntry
        fields = [
            *("id", "at", "actor", "actor_kind", "action", "object_type", "object_name"),
            *("event", "reason", "changes", "request_id"),
        ]
        read_only_fields = fields

    def get_event(self, entry: Any) -> str | None:
        slugs: dict[int, str] = self.context["slugs"]
        return slugs.get(entry.event_id)


class AuditFilters(filters.FilterSet):  # type: ignore[misc]
    since = MomentFilter("at", lookup_expr="gte", help_text="ISO 8601.")
    until = MomentFilter("at", lookup_expr="lt", help_text="ISO 8601.")
    actor = filters.CharFilter("actor_name", help_text="A person's address, or a key's name.")
    actor_kind = filters.ChoiceFilter(choices=Kind.choices)
    object_type = filters.CharFilter("object_type")
    event = filters.CharFilter(method="find_of_event", help_text="The event's part of addresses.")

    class Meta:
        model = AuditEntry
        fields = ["since", "until", "actor", "actor_kind", "object_type", "event"]

    def find_of_event(self, queryset: QuerySet[AuditEntry], name: str, slug: str) -> QuerySet[AuditEntry]:
        return queryset.filter(event_id__in=Event.objects.filter(slug=slug).order_by().values("pk"))


@extend_schema(summary="List audit entries")
class AuditView(ListApiView):
    area, event_path = AUDIT, "event_id"
    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilters

    def get_serializer_context(self) -> dict[str, Any]:
        slugs = dict(Event.objects.order_by().values_list("pk", "slug"))
        return {**super().get_serializer_context(), "slugs": slugs}
