"""Registering up to a thousand people with one call."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.lookup import find_event_for
from events.models import Event
from paddock.api.idempotency import idempotent
from paddock.api.openapi import ProblemSerializer
from paddock.api.problems import describe
from paddock.api.scopes import PEOPLE
from paddock.api.views import ApiView
from participants.api.examples import REGISTER_MANY
from participants.api.refusals import list_errors
from participants.api.serializers import ApplicantSerializer, ReceiptSerializer, make_status_url
from participants.domain.applicants import Applicant, InvalidRegistration
from participants.domain.registration import Outcome, Registered, RegistrationRefused, register_all
from participants.models import Registration

MOST = 1000


class ApplicantsSerializer(serializers.Serializer[Any]):
    """The list alone: each of its items is checked by itself."""

    registrations = serializers.ListField(child=serializers.JSONField(allow_null=True), min_length=1, max_length=MOST)


class DocumentedApplicantsSerializer(serializers.Serializer[Any]):
    registrations = serializers.ListField(child=ApplicantSerializer(), min_length=1, max_length=MOST)


class ResultSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="Which of the list, from 0.")
    status = serializers.IntegerField(
        help_text="201: new; 200: was registered already; 400: has errors; 409: not taken. As a single call answers."
    )
    registration = ReceiptSerializer(allow_null=True)
    problem = ProblemSerializer(allow_null=True)


class ResultsSerializer(serializers.Serializer[Any]):
    results = ResultSerializer(many=True)


class BulkRegistrationView(ApiView):
    area = PEOPLE
    serializer_class = ApplicantsSerializer

    @extend_schema(
        summary="Register many people",
        description=(
            f"Up to {MOST:,} at once, in their order, with a result for each: nobody's mistake keeps anybody else out. "
            "The answer is 200 whatever became of them."
        ),
        request=DocumentedApplicantsSerializer,
        responses={200: OpenApiResponse(ResultsSerializer)},
        examples=REGISTER_MANY,
    )
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        event = find_event_for(self.key, kwargs["event"])
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"results": _register(event, serializer.validated_data["registrations"])})


def _register(event: Event, items: Sequence[Any]) -> list[dict[str, Any]]:
    read = [_read(item) for item in items]
    applicants = [each for each in read if isinstance(each, Applicant)]
    outcomes = iter(register_all(event=event, applicants=applicants))
    decided = [next(outcomes) if isinstance(each, Applicant) else each for each in read]
    receipts = _load_receipts([each.registration.pk for each in decided if isinstance(each, Registered)])
    return [{"index": index} | _describe(each, receipts) for index, each in enumerate(decided)]


_shape = ApplicantSerializer()


def _read(item: Any) -> Applicant | dict[str, Any]:
    """The applicant, or the errors in the shape of the item."""
    try:
        return Applicant(**_shape.run_validation(item))
    except serializers.ValidationError as error:
        errors: Any = error.detail
        return dict(errors) if isinstance(errors, dict) else {"non_field_errors": errors}


def _load_receipts(ids: list[int]) -> dict[int, dict[str, Any]]:
    rows = Registration.objects.filter(pk__in=ids).with_status().select_related("event__organization")
    return {row.pk: {"id": row.reference, "status": row.status, "status_url": make_status_url(row)} for row in rows}


def _describe(outcome: Outcome | dict[str, Any], receipts: dict[int, dict[str, Any]]) -> dict[str, Any]:
    match outcome:
        case Registered(registration, is_new):
            return {"status": 201 if is_new else 200, "registration": receipts[registration.pk], "problem": None}
        case InvalidRegistration():
            problem = describe(400, errors=list_errors(outcome))
        case RegistrationRefused():
            problem = describe(409, code=outcome.state)
        case errors:
            problem = describe(400, errors=errors)
    return {"status": problem["status"], "registration": None, "problem": problem}
