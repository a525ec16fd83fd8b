"""Races of events, and their leaderboards."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.lookup import find_event_for
from events.models import Event, Race, SponsoringAccount
from paddock.api.idempotency import idempotent
from paddock.api.scopes import RACING
from paddock.api.serializers import StrictSerializer, as_problem
from paddock.api.views import ApiView, DetailApiView, ListApiView
from participants.api.examples import ADD_RACE, CHANGE_RACE
from participants.domain.races.addresses import find_url
from participants.domain.races.checking import check_race
from participants.domain.races.intent import save_race

EDITABLE = [
    *("name", "description", "opens_at", "closes_at", "track", "race_type", "timing", "laps"),
    *("submissions_per_racer", "in_welcome_mail"),
]


class AccountField(serializers.SlugRelatedField[SponsoringAccount]):
    """By the account's twelve digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="account_id", **kwargs)

    def get_queryset(self) -> QuerySet[SponsoringAccount]:
        return SponsoringAccount.objects.all()


class RaceSerializer(StrictSerializer, serializers.ModelSerializer[Race]):
    event = serializers.SlugRelatedField(slug_field="slug", read_only=True)  # type: ignore[var-annotated]
    sponsoring_account = AccountField(
        queryset=SponsoringAccount.objects.none(),
        allow_null=True,
        required=False,
        help_text="Where Paddock makes the race, by its digits. Null: it was made elsewhere, at `url`.",
    )
    invitation_url = serializers.SerializerMethodField(
        help_text="What lets racers in; empty until there is one. Whoever has it may enter: share it with racers alone."
    )

    class Meta:
        model = Race
        fields = [
            *("id", "event", *EDITABLE, "sponsoring_account", "url"),
            *("invitation_url", "state", "problem", "results_at"),
        ]
        read_only_fields = ["id", "event", "state", "problem", "results_at"]

    def validate_sponsoring_account(self, account: SponsoringAccount | None) -> SponsoringAccount | None:
        """Its service would keep the race, and nobody would close it there."""
        if self.instance and account != self.instance.sponsoring_account:
            raise serializers.ValidationError("A race stays where it was made. Close it, and add another one.")
        return account

    def validate_url(self, url: str) -> str:
        if self.instance and self.instance.sponsoring_account and url != self.instance.url:
            raise serializers.ValidationError("Paddock knows the address of a race that it makes. Leave it as it is.")
        return url

    def get_invitation_url(self, race: Race) -> str:
        return find_url(race)


class RaceFilters(filters.FilterSet):  # type: ignore[misc]
    event = filters.CharFilter("event__slug", help_text="The event's part of addresses.")
    state = filters.ChoiceFilter(choices=Race.State.choices)

    class Meta:
        model = Race
        fields = ["event", "state"]


class RaceRows(ApiView):
    area, event_path = RACING, "event"
    queryset = Race.objects.select_related("event", "sponsoring_account")
    serializer_class: Any = RaceSerializer
    lookup_field, lookup_url_kwarg = "pk", "race"

    def save(self, race: Race, changes: dict[str, Any]) -> Race:
        for name, value in changes.items():
            setattr(race, name, value)
        try:
            check_race(race)
        except ValidationError as error:
            raise as_problem(error) from error
        save_race(race=race, changed=list(changes), actor=None)
        return race


@extend_schema(summary="List races of all events")
class RacesView(RaceRows, ListApiView):
    filterset_class = RaceFilters


class EventRacesView(RaceRows):
    @extend_schema(
        summary="Add a race",
        description="Paddock makes it in the sponsoring account, or links it by its address.",
        responses={201: RaceSerializer},
        examples=ADD_RACE,
    )
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        event: Event = find_event_for(self.key, kwargs["event"])
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            race = self.save(Race(event=event, organization_id=event.organization_id), serializer.validated_data)
            return self.answer(race, status_code=status.HTTP_201_CREATED)


@extend_schema(summary="Read a race")
class RaceView(RaceRows, DetailApiView):
    @extend_schema(summary="Change a race", examples=CHANGE_RACE)
    @idempotent
    def patch(self, request: Request, **kwargs: Any) -> Response:
        with transaction.atomic():
            race = self.begin_change(request)
            serializer = self.get_serializer(race, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            self.save(race, serializer.validated_data)
            return self.answer(self.get_object())
