"""Registering without a key, under the portal's rules."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from events.domain.lookup import find_open_event
from paddock.api.problems import Problem
from paddock.rates import find_client_address
from participants.api.refusals import refusing
from participants.api.serializers import ApplicantSerializer
from participants.domain.applicants import Applicant
from participants.domain.rates import TooManyRegistrations, check_registration_rate
from participants.domain.registration import check_stranger, register
from participants.domain.status import find_with_status, status_path
from participants.models import Registration


def let_in(request: Request, slug: str) -> Response:
    event = find_open_event(slug)
    serializer = ApplicantSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    applicant = Applicant(**serializer.validated_data)
    _check_rate(request, applicant)
    if event.requires_sign_in:
        raise Problem("", status_code=status.HTTP_403_FORBIDDEN, code="sign_in_required")
    with refusing():
        check_stranger(email=applicant.email)
        registration, is_new = register(event=event, applicant=applicant)
    answer = _describe(request, find_with_status(registration.pk))
    return Response(answer, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


def _check_rate(request: Request, applicant: Applicant) -> None:
    try:
        check_registration_rate(client=find_client_address(request), email=applicant.email)
    except TooManyRegistrations as error:
        problem = Problem(str(error), status_code=status.HTTP_429_TOO_MANY_REQUESTS)
        problem.wait = error.retry_after  # type: ignore[attr-defined]
        raise problem from error


def _describe(request: Request, registration: Registration) -> dict[str, str]:
    return {
        "id": str(registration.reference),
        "status": registration.status,
        "status_url": request.build_absolute_uri(status_path(registration)),
    }
