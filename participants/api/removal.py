"""What is done to people who are registered: removed, everybody of an event too, and tried again."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.lookup import find_event_for
from paddock.api.idempotency import idempotent
from paddock.api.problems import PROBLEMS, Problem
from paddock.api.scopes import EVENTS, PEOPLE
from paddock.api.views import ApiView
from participants.api.examples import END_EVENT, REMOVE, REMOVE_MANY, RETRY
from participants.domain.offboarding.ending import EventHasEnded, end_event, remove_participants
from participants.domain.steps import retry_now
from participants.models import Operation, Registration, Step

MOST = 1000
PROBLEMS["event_has_ended"] = "The event has been ended already."


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, help_text="One sentence for whoever asks later.")


class RemovalSerializer(ReasonSerializer):
    keeps_models = serializers.BooleanField(default=False, help_text="Their models stay, at the sponsor's cost.")


class ManyRemovalSerializer(RemovalSerializer):
    registrations = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)


class OperationReceiptSerializer(serializers.Serializer[Any]):
    operation = serializers.IntegerField(allow_null=True, help_text="Its number; null where there was nothing to do.")


class RetrialSerializer(serializers.Serializer[Any]):
    retried = serializers.IntegerField(help_text="So many steps.")


ACCEPTED = {202: OpenApiResponse(OperationReceiptSerializer)}


class PeopleView(ApiView):
    area, event_path = PEOPLE, "event"
    queryset = Registration.objects.all()
    lookup_field, lookup_url_kwarg = "reference", "registration"

    def read(self, request: Request) -> dict[str, Any]:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        answers: dict[str, Any] = serializer.validated_data
        return answers


class RemoveView(PeopleView):
    serializer_class = RemovalSerializer

    @extend_schema(
        summary="Remove a person from their event",
        description="Takes back what they were given; the event goes on. Who is removed already stays so.",
        responses=ACCEPTED,
        examples=REMOVE,
    )
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        answers = self.read(request)
        return _accept(remove_participants(registrations=[self.get_object()], actor=None, **answers))


class RemoveManyView(PeopleView):
    serializer_class = ManyRemovalSerializer

    @extend_schema(summary="Remove people from an event", responses=ACCEPTED, examples=REMOVE_MANY)
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        event = find_event_for(self.key, kwargs["event"])
        answers = self.read(request)
        people = _find_all(self.get_queryset().filter(event=event), answers.pop("registrations"))
        return _accept(remove_participants(registrations=people, actor=None, **answers))


class EndView(PeopleView):
    area = EVENTS
    serializer_class = RemovalSerializer

    @extend_schema(
        summary="End an event",
        description="Takes back everything that the event gave to anybody. Cannot be undone.",
        responses=ACCEPTED,
        examples=END_EVENT,
    )
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        event = find_event_for(self.key, kwargs["event"])
        try:
            return _accept([end_event(event=event, actor=None, **self.read(request))])
        except EventHasEnded as error:
            raise Problem(str(error), status_code=409, code="event_has_ended") from error


class RetryView(PeopleView):
    serializer_class = ReasonSerializer

    @extend_schema(
        summary="Try a registration's steps again",
        description="Those that failed, or wait for their time, are tried at once.",
        responses={200: OpenApiResponse(RetrialSerializer)},
        examples=RETRY,
    )
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        steps = Step.objects.filter(registration=self.get_object())
        return Response({"retried": retry_now(steps=steps, reason=self.read(request)["reason"])})


def _find_all(queryset: QuerySet[Registration], references: Sequence[Any]) -> list[Registration]:
    """All or none: a list with a stranger in it is not the list that was meant."""
    found = list(queryset.filter(reference__in=references))
    if missing := sorted({str(each) for each in references} - {str(each.reference) for each in found}):
        sentence = f"There is no registration {', '.join(missing[:10])} in this event."
        raise serializers.ValidationError({"registrations": [sentence]})
    return found


def _accept(operations: Sequence[Operation]) -> Response:
    number = operations[0].pk if operations else None
    return Response({"operation": number}, status=status.HTTP_202_ACCEPTED)
