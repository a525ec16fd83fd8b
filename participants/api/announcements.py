"""Writing to people of an event: who gets it and how it looks, and then sending it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from events.api.lookup import find_event_for
from events.models import Event, Race
from integrations.mail.protocol import Template
from paddock.api.idempotency import idempotent
from paddock.api.scopes import MESSAGES
from paddock.api.views import ApiView
from participants.api.choosing import ChoiceSerializer, choose_people
from participants.api.examples import MAIL
from participants.api.people_actions import OutcomeSerializer, tell
from participants.domain.announcements.planning import Audience, Plan, load_people, plan
from participants.domain.announcements.sending import send
from participants.domain.announcements.words import MARKS, RACE_MARK, write_draft
from participants.domain.messages import address_mail, word_mail
from participants.domain.placeholders import check_placeholders
from participants.domain.races.addresses import find_url
from participants.models import Registration

KNOWN = (*MARKS, "event")


class MailSerializer(ChoiceSerializer):
    subject = serializers.CharField(max_length=200)
    body = serializers.CharField(
        max_length=50_000,
        help_text="Markdown. {{given_name}}, {{event}}, {{race_url}} and {{status_url}} are filled in.",
    )
    race = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**63 - 1, help_text="Whose address {{race_url}} is."
    )

    def validate_subject(self, subject: str) -> str:
        return _check(subject)

    def validate_body(self, body: str) -> str:
        return _check(body)


def _check(text: str) -> str:
    try:
        return check_placeholders(text, KNOWN)
    except ValidationError as error:
        raise serializers.ValidationError(error.messages) from error


class LeftOutSerializer(serializers.Serializer[Any]):
    registration = serializers.UUIDField()
    why = serializers.CharField()


class MailPreviewSerializer(serializers.Serializer[Any]):
    """The mail as the first of them would get it; empty words where nobody would."""

    recipients = serializers.IntegerField(help_text="How many would get it.")
    left_out = LeftOutSerializer(many=True)
    subject = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    html = serializers.CharField(allow_blank=True)


class _Mailing(ApiView):
    area = MESSAGES
    serializer_class = MailSerializer

    def read(self, request: Request, slug: str) -> tuple[Event, dict[str, Any]]:
        event = find_event_for(self.key, slug)
        serializer = MailSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return event, serializer.validated_data | {"race": _find_race(event, serializer.validated_data)}


class PreviewMailView(_Mailing):
    @extend_schema(
        summary="See who would get a mail, and how it looks",
        description="Changes nothing. It is a POST because it takes as much as sending does.",
        responses={200: MailPreviewSerializer},
        examples=MAIL,
    )
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        event, answers = self.read(request, kwargs["event"])
        found = _plan(event, answers)
        words = _word(event, found, answers)
        preview = {
            "recipients": found.count,
            "left_out": [{"registration": each.reference, "why": why} for each, why in found.left_out],
            **{name: getattr(words, name) for name in ("subject", "text", "html")},
        }
        return Response(MailPreviewSerializer(preview).data)


class SendMailView(_Mailing):
    @extend_schema(
        summary="Mail people",
        description="Each gets it once. Send an Idempotency-Key: without one, a repeated call mails them again.",
        responses={202: OutcomeSerializer},
        examples=MAIL,
    )
    @idempotent
    def post(self, request: Request, **kwargs: Any) -> Response:
        event, answers = self.read(request, kwargs["event"])
        with transaction.atomic():
            words = {name: answers[name] for name in ("subject", "body", "race", "reason")}
            operations = send(recipients=_plan(event, answers).recipients, actor=None, **words)
            return Response(tell(*operations), status=status.HTTP_202_ACCEPTED)


def _find_race(event: Event, answers: dict[str, Any]) -> Race | None:
    """The race whose address is filled in. Raises where one is wanted and cannot be had."""
    number = answers.get("race")
    race = Race.objects.select_related("sponsoring_account").filter(event=event, pk=number).first() if number else None
    if number and race is None:
        raise serializers.ValidationError({"race": ["The event has no such race."]})
    if RACE_MARK in answers["subject"] + answers["body"]:
        if race is None:
            raise serializers.ValidationError({"race": [f"{RACE_MARK} needs a race."]})
        if not find_url(race):
            raise serializers.ValidationError({"race": ["It cannot be reached yet. Write once it is ready."]})
    return race


def _plan(event: Event, answers: dict[str, Any]) -> Plan:
    people = load_people(Registration.objects.filter(pk__in=choose_people(event, answers)))
    return plan(people=people, audience=Audience(), race=answers["race"])


def _word(event: Event, found: Plan, answers: dict[str, Any]) -> Template:
    if not found.recipients:
        return Template("", "", "")
    first = found.recipients[0]
    letter = write_draft(event=first.event, race=answers["race"], subject=answers["subject"], body=answers["body"])
    return word_mail(letter, address_mail(first, letter))
