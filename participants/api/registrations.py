"""The registration API: the portal's door, for programs."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from events.domain.lookup import find_open_event
from events.models import Event
from paddock.api.parsers import StorableJSONParser
from paddock.api.problems import Problem
from paddock.rates import find_client_address
from participants.domain.rates import TooManyRegistrations, check_registration_rate
from participants.domain.registration import Applicant, InvalidRegistration, RegistrationRefused, register
from participants.domain.status import find_with_status, status_path
from participants.models import Registration


class ApplicantSerializer(serializers.Serializer[Any]):
    """The shape of a request; what it means is checked in the domain, for the portal alike."""

    email = serializers.CharField(max_length=400, allow_blank=True)
    given_name = serializers.CharField(max_length=400, allow_blank=True)
    family_name = serializers.CharField(max_length=400, allow_blank=True)
    racer_alias = serializers.CharField(max_length=400, allow_blank=True, default="")
    answers = serializers.DictField(default=dict)


class RegistrationsView(APIView):
    """POST registers a person and answers 201; the same person again gets the same registration and 200."""

    parser_classes = [StorableJSONParser]

    def post(self, request: Request, organization: str, event: str) -> Response:
        found = find_open_event(event)
        serializer = ApplicantSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        applicant = Applicant(**serializer.validated_data)
        _check_rate(request, applicant)
        registration, created = _register(found, applicant)
        answer = _describe(request, find_with_status(registration.pk))
        return Response(answer, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)


def _check_rate(request: Request, applicant: Applicant) -> None:
    try:
        check_registration_rate(client=find_client_address(request), email=applicant.email)
    except TooManyRegistrations as error:
        problem = Problem(str(error), status_code=status.HTTP_429_TOO_MANY_REQUESTS, code="too_many_requests")
        problem.wait = error.retry_after  # type: ignore[attr-defined]
        raise problem from error


def _register(event: Event, applicant: Applicant) -> tuple[Registration, bool]:
    if event.requires_sign_in:
        sentence = "This event wants you to sign in."
        raise Problem(sentence, status_code=status.HTTP_403_FORBIDDEN, code="sign_in_required")
    try:
        return register(event=event, applicant=applicant)
    except InvalidRegistration as error:
        errors: dict[str, Any] = dict(error.errors)
        if error.answers:
            errors["answers"] = error.answers
        raise Problem(str(error), status_code=status.HTTP_400_BAD_REQUEST, errors=errors) from error
    except RegistrationRefused as error:
        raise Problem(str(error), status_code=status.HTTP_409_CONFLICT, code=error.state) from error


def _describe(request: Request, registration: Registration) -> dict[str, str]:
    return {
        "id": str(registration.reference),
        "status": registration.status,
        "status_url": request.build_absolute_uri(status_path(registration)),
    }
