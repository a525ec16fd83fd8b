"""What every call has in common that does something to one, several or all people of an event."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.lookup import find_event_for
from events.models import Event
from paddock.api.idempotency import idempotent
from paddock.api.views import ApiView
from participants.api.choosing import ChoiceSerializer, choose_people
from participants.api.operations import OperationSerializer, attach_progress
from participants.models import Operation


class OutcomeSerializer(serializers.Serializer[Any]):
    """The operations that carry it; none where nothing had to change."""

    operations = OperationSerializer(many=True)


class PeopleAction(ApiView):
    """`act` calls the domain and returns the body. What services owe for it follows, so the answer is 202."""

    serializer_class: type[ChoiceSerializer] = ChoiceSerializer

    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        event = find_event_for(self.key, kwargs["event"])
        serializer = self.serializer_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        answers = serializer.validated_data
        with transaction.atomic():  # also without an Idempotency-Key: an action may be more than one deed
            body = self.act(event, choose_people(event, answers), answers)
        return Response(body, status=status.HTTP_202_ACCEPTED)

    def act(self, event: Event, people: list[int], answers: Any) -> Any:
        raise NotImplementedError


def tell(*operations: Operation) -> Any:
    shown = [each for each in attach_progress(list(operations)) if each.total]
    return OutcomeSerializer({"operations": shown}).data


def described(
    summary: str,
    *,
    examples: Sequence[OpenApiExample],
    description: str = "",
    request: type[ChoiceSerializer] = ChoiceSerializer,
    answer: type[serializers.Serializer[Any]] = OutcomeSerializer,
) -> Any:
    """What the schema says of an action."""
    return extend_schema_view(
        post=extend_schema(
            summary=summary,
            description=description,
            request=request,
            responses={202: answer},
            examples=list(examples),
        )
    )
