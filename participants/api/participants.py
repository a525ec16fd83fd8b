"""People of the organization."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from paddock.api.idempotency import idempotent
from paddock.api.scopes import PEOPLE
from paddock.api.views import ApiView, DetailApiView, ListApiView
from participants.api.examples import RENAME
from participants.api.filters import ParticipantFilters
from participants.api.people import limit_to_own_people
from participants.api.refusals import refusing
from participants.api.serializers import ParticipantSerializer
from participants.domain.naming import rename_participant
from participants.models import Participant


class _Participants(ApiView):
    area = PEOPLE
    reach = "A key for chosen events sees who registered for one of them."
    queryset = Participant.objects.all()
    serializer_class = ParticipantSerializer

    def get_queryset(self) -> QuerySet[Participant]:
        return limit_to_own_people(self.key, super().get_queryset(), "pk")


@extend_schema(summary="List participants")
class ParticipantsView(_Participants, ListApiView):
    filterset_class = ParticipantFilters


@extend_schema(summary="Read a participant")
class ParticipantView(_Participants, DetailApiView):
    lookup_field, lookup_url_kwarg = "pk", "participant"

    @extend_schema(summary="Change a participant's names", examples=RENAME)
    @idempotent
    def patch(self, request: Request, **kwargs: Any) -> Response:
        with transaction.atomic():
            participant = self.begin_change(request)
            serializer = self.get_serializer(participant, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            with refusing():
                rename_participant(participant=participant, names=serializer.validated_data)
            return self.answer(self.get_object())
