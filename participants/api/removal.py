"""Taking back what people were given: some of an event, or everybody with the event itself."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.lookup import find_event_for
from events.models import Event
from paddock.api.idempotency import idempotent
from paddock.api.problems import PROBLEMS, Problem
from paddock.api.scopes import EVENTS, PEOPLE
from paddock.api.serializers import StrictSerializer
from paddock.api.views import ApiView
from participants.api.choosing import ChoiceSerializer
from participants.api.examples import END_EVENT, REMOVE
from participants.api.people_actions import OutcomeSerializer, PeopleAction, described, tell
from participants.domain.offboarding.ending import EventHasEnded, end_event, remove_participants
from participants.models import Registration

PROBLEMS["event_has_ended"] = "The event has been ended already."
KEEPS_MODELS = "Their models stay, at the sponsor's cost."


class RemovalSerializer(ChoiceSerializer):
    keeps_models = serializers.BooleanField(default=False, help_text=KEEPS_MODELS)


@described(
    "Remove people from an event",
    description="Takes back what they were given; the event goes on. Who is removed already is refused by name.",
    request=RemovalSerializer,
    examples=REMOVE,
)
class RemoveView(PeopleAction):
    area = PEOPLE
    serializer_class = RemovalSerializer

    def act(self, event: Event, people: list[int], answers: Any) -> Any:
        chosen = list(Registration.objects.filter(pk__in=people))
        words = {name: answers[name] for name in ("reason", "keeps_models")}
        return tell(*remove_participants(registrations=chosen, actor=None, **words))


class EndSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=300, help_text="Kept with the operation and in the audit trail.")
    keeps_models = serializers.BooleanField(default=False, help_text=KEEPS_MODELS)


class EndView(ApiView):
    area = EVENTS
    serializer_class = EndSerializer

    @extend_schema(
        summary="End an event",
        description="Takes back everything that the event gave to anybody. Cannot be undone.",
        responses={202: OutcomeSerializer},
        examples=END_EVENT,
    )
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        event = find_event_for(self.key, kwargs["event"])
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            operation = end_event(event=event, actor=None, **serializer.validated_data)
        except EventHasEnded as error:
            raise Problem(str(error), status_code=409, code="event_has_ended") from error
        return Response(tell(operation), status=status.HTTP_202_ACCEPTED)
