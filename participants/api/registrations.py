"""Registrations: the portal's door for anybody's program, and all that a partner's key may see and do."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.lookup import find_event_for
from paddock.api.idempotency import idempotent
from paddock.api.scopes import PEOPLE
from paddock.api.views import ApiView, DetailApiView, ListApiView
from participants.api.examples import REGISTER
from participants.api.filters import AllRegistrationFilters, RegistrationFilters
from participants.api.portal_door import let_in
from participants.api.refusals import refusing
from participants.api.serializers import ApplicantSerializer, RegistrationSerializer
from participants.domain.applicants import Applicant
from participants.domain.registration import register
from participants.models import Registration

RELATED = ("event__organization", "participant", "group", "account__sponsoring_account")


DESCRIBED = Registration.objects.with_status().with_change().select_related(*RELATED)


class RegistrationRows(ApiView):
    area, event_path = PEOPLE, "event"
    queryset = Registration.objects.all()
    serializer_class = RegistrationSerializer
    lookup_field, lookup_url_kwarg = "reference", "registration"

    def load(self, rows: list[Registration]) -> list[Registration]:
        """For the page alone: to tell a hundred their status PostgreSQL would read the steps of the whole list."""
        described = DESCRIBED.in_bulk([row.pk for row in rows])
        return [described[row.pk] for row in rows]


@extend_schema(summary="List registrations of all events")
class RegistrationsView(RegistrationRows, ListApiView):
    filterset_class = AllRegistrationFilters


@extend_schema(summary="Read a registration")
class RegistrationView(RegistrationRows, DetailApiView):
    queryset = DESCRIBED


@extend_schema(summary="List an event's registrations")
class EventRegistrationsView(RegistrationRows, ListApiView):
    filterset_class = RegistrationFilters
    open_methods = ("POST",)

    def get_queryset(self) -> QuerySet[Registration]:
        event = find_event_for(self.key, self.kwargs["event"])
        rows: QuerySet[Registration] = super().get_queryset().filter(event=event)
        return rows

    @extend_schema(
        summary="Register a person",
        description=(
            "The same person again gets the same registration, and 200. Without a key it is the portal's door: the "
            "event has to be published, and of the answer there is `id`, `status` and `status_url` alone."
        ),
        request=ApplicantSerializer,
        responses={code: OpenApiResponse(RegistrationSerializer) for code in (200, 201)},
        examples=REGISTER,
    )
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        if request.auth is None:
            return let_in(request, kwargs["event"])
        event = find_event_for(self.key, kwargs["event"])
        serializer = ApplicantSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with refusing():
            registration, is_new = register(event=event, applicant=Applicant(**serializer.validated_data))
        row = DESCRIBED.get(pk=registration.pk)
        return self.answer(row, status_code=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
