"""Long work: what was asked for many people at once, and how far it is."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from paddock.api.moments import MomentFilter
from paddock.api.scopes import OPERATIONS
from paddock.api.views import ApiView, DetailApiView, ListApiView
from participants.domain.operations import Progress, see_progress
from participants.domain.steps import find_failures
from participants.models import Operation


class ProgressSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Steps that it takes.")
    done = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Still to be done.")
    failed = serializers.IntegerField(help_text="Left to a person.")
    is_over = serializers.BooleanField()


class OperationSerializer(serializers.ModelSerializer[Operation]):
    event = serializers.SlugRelatedField(slug_field="slug", allow_null=True, read_only=True)  # type: ignore[var-annotated]
    started_by = serializers.SerializerMethodField(help_text="A person's address, or a key's name.")
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Operation
        fields = ["id", "event", "title", "reason", "started_by", "started_at", "progress"]
        read_only_fields = fields

    def get_started_by(self, operation: Operation) -> str:
        return operation.started_by.email if operation.started_by else operation.started_by_name

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, operation: Any) -> Any:
        return ProgressSerializer(operation.progress).data


class FailureSerializer(serializers.Serializer[Any]):
    registration = serializers.UUIDField(allow_null=True, help_text="Null: the event itself.")
    step = serializers.CharField()
    detail = serializers.CharField(help_text="What is the matter, and what to do.")


class OperationDetailSerializer(OperationSerializer):
    failures = serializers.SerializerMethodField(help_text="The first hundred of what failed.")

    class Meta(OperationSerializer.Meta):
        fields = [*OperationSerializer.Meta.fields, "failures"]
        read_only_fields = fields

    @extend_schema_field(FailureSerializer(many=True))
    def get_failures(self, operation: Operation) -> Any:
        return FailureSerializer(
            [
                {
                    "registration": step.registration and step.registration.reference,
                    "step": step.kind,
                    "detail": step.detail,
                }
                for step in find_failures(operation=operation)
            ],
            many=True,
        ).data


class OperationFilters(filters.FilterSet):  # type: ignore[misc]
    event = filters.CharFilter("event__slug", help_text="The event's part of addresses.")
    started_since = MomentFilter("started_at", lookup_expr="gte", help_text="ISO 8601.")

    class Meta:
        model = Operation
        fields = ["event", "started_since"]


def attach_progress(operations: list[Operation]) -> list[Operation]:
    """One query, however many there are."""
    progress: dict[int, Progress] = see_progress(operations=operations)
    for operation in operations:
        operation.progress = progress[operation.pk]  # type: ignore[attr-defined]
    return operations


class _Operations(ApiView):
    area, event_path = OPERATIONS, "event"
    queryset = Operation.objects.select_related("event", "started_by")


@extend_schema(summary="List operations")
class OperationsView(_Operations, ListApiView):
    serializer_class = OperationSerializer
    filterset_class = OperationFilters

    def load(self, rows: list[Any]) -> list[Any]:
        return attach_progress(rows)


@extend_schema(summary="Read an operation, with its progress and what failed")
class OperationView(_Operations, DetailApiView):
    serializer_class = OperationDetailSerializer
    lookup_field, lookup_url_kwarg = "pk", "operation"

    def get_object(self) -> Any:
        return attach_progress([super().get_object()])[0]
