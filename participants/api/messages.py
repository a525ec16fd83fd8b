"""Mail to people of an event: what was sent, and writing to them."""

from django.db.models import QuerySet, prefetch_related_objects
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from paddock.api.moments import MomentFilter
from paddock.api.scopes import MESSAGES
from paddock.api.views import ApiView, DetailApiView, ListApiView
from participants.api.filters import by_email
from participants.models import Message


class MessageSerializer(serializers.ModelSerializer[Message]):
    registration = serializers.SlugRelatedField(slug_field="reference", read_only=True)  # type: ignore[var-annotated]
    event = serializers.SlugRelatedField(  # type: ignore[var-annotated]
        slug_field="slug", source="registration.event", read_only=True
    )

    class Meta:
        model = Message
        fields = [
            *("id", "event", "registration", "kind", "recipient", "subject"),
            *("state", "attempts", "error", "created_at", "sent_at"),
        ]
        read_only_fields = fields


class WholeMessageSerializer(MessageSerializer):
    class Meta(MessageSerializer.Meta):
        fields = [*MessageSerializer.Meta.fields, "text", "html"]
        read_only_fields = fields


class MessageFilters(filters.FilterSet):  # type: ignore[misc]
    event = filters.CharFilter("registration__event__slug", help_text="The event's part of addresses.")
    state = filters.ChoiceFilter(choices=Message.State.choices)
    kind = filters.ChoiceFilter(choices=Message.Kind.choices)
    email = by_email("registration__participant__email_key")
    sent_since = MomentFilter("sent_at", lookup_expr="gte", help_text="ISO 8601.")

    class Meta:
        model = Message
        fields = ["event", "state", "kind", "email", "sent_since"]


class _Messages(ApiView):
    area, event_path = MESSAGES, "registration__event"
    queryset = Message.objects.all()


@extend_schema(summary="List messages")
class MessagesView(_Messages, ListApiView):
    serializer_class = MessageSerializer
    filterset_class = MessageFilters

    def get_queryset(self) -> QuerySet[Message]:
        """A list shows no mail's body, which is most of a row."""
        messages: QuerySet[Message] = super().get_queryset().defer("text", "html")
        return messages

    def load(self, rows: list[Message]) -> list[Message]:
        """A join would let PostgreSQL read and sort the whole list."""
        prefetch_related_objects(rows, "registration__event")
        return rows


@extend_schema(summary="Read a message, with its words")
class MessageView(_Messages, DetailApiView):
    serializer_class = WholeMessageSerializer
    lookup_field, lookup_url_kwarg = "pk", "message"
