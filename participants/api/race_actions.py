"""What is done to one race, and its leaderboard."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from events.models import Race
from paddock.api.idempotency import idempotent
from paddock.api.keys import limit_to_chosen_events
from paddock.api.problems import Problem
from paddock.api.scopes import RACING
from paddock.api.serializers import StrictSerializer
from paddock.api.views import ListApiView
from participants.api.examples import CLOSE_RACE, RENEW_INVITATION
from participants.api.people_actions import OutcomeSerializer, tell
from participants.api.races import RaceRows
from participants.domain.races.checking import find_obstacle_to_closing, find_obstacle_to_renewing
from participants.domain.races.intent import close_races, renew_invitations
from participants.models import Operation, RaceResult


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=300, help_text="Kept with the operation and in the audit trail.")


class RaceAction(RaceRows):
    serializer_class = ReasonSerializer

    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        serializer = ReasonSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            race: Race = self.lock_object()
            if obstacle := self.find_obstacle(race):
                raise Problem(obstacle, status_code=409)
            operations = self.act(race, serializer.validated_data["reason"])
            return Response(tell(*operations), status=status.HTTP_202_ACCEPTED)

    def find_obstacle(self, race: Race) -> str:
        raise NotImplementedError

    def act(self, race: Race, reason: str) -> Sequence[Operation]:
        raise NotImplementedError


@extend_schema_view(
    post=extend_schema(
        summary="Close a race now",
        description="Its results stay. DeepRacer on AWS refuses this to a race that has opened.",
        responses={202: OutcomeSerializer},
        examples=CLOSE_RACE,
    )
)
class CloseRaceView(RaceAction):
    def find_obstacle(self, race: Race) -> str:
        return find_obstacle_to_closing(race)

    def act(self, race: Race, reason: str) -> Sequence[Operation]:
        return close_races(races=[race], actor=None, reason=reason)


@extend_schema_view(
    post=extend_schema(
        summary="Make a race a new invitation",
        description="The old one is void from then on, also in mails that were sent.",
        responses={202: OutcomeSerializer},
        examples=RENEW_INVITATION,
    )
)
class RenewInvitationView(RaceAction):
    def find_obstacle(self, race: Race) -> str:
        return find_obstacle_to_renewing(race)

    def act(self, race: Race, reason: str) -> Sequence[Operation]:
        return renew_invitations(races=[race], actor=None, reason=reason)


class PlaceSerializer(serializers.ModelSerializer[RaceResult]):
    email = serializers.EmailField(
        source="profile.participant.email",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="Whose alias it is. Null: nobody knows.",
    )

    class Meta:
        model = RaceResult
        fields = ["rank", "alias", "email", "is_ambiguous", "time_milliseconds", "submissions", "submitted_at"]
        read_only_fields = fields


@extend_schema(summary="List the places of a race, as last read")
class LeaderboardView(ListApiView):
    area = RACING
    queryset = RaceResult.objects.select_related("profile__participant")
    serializer_class = PlaceSerializer

    def get_queryset(self) -> QuerySet[RaceResult]:
        race = limit_to_chosen_events(self.key, Race.objects.filter(pk=self.kwargs["race"]), "event").first()
        if race is None:
            raise Http404
        places: QuerySet[RaceResult] = super().get_queryset().filter(race=race)
        return places
