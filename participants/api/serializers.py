from typing import Any

from django.conf import settings
from rest_framework import serializers

from paddock.api.serializers import StrictSerializer
from participants.domain.status import status_path
from participants.models import Participant, Registration


class ApplicantSerializer(serializers.Serializer[Any]):
    """The shape of a request; what it means is checked in the domain, for the portal alike."""

    email = serializers.CharField(max_length=400, allow_blank=True)
    given_name = serializers.CharField(max_length=400, allow_blank=True)
    family_name = serializers.CharField(max_length=400, allow_blank=True)
    racer_alias = serializers.CharField(max_length=400, allow_blank=True, default="")
    answers = serializers.DictField(default=dict, help_text="By the keys of the event's questions.")


class ReceiptSerializer(serializers.Serializer[Any]):
    """What anybody may know of a registration: nothing about the person."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Registration.Status.choices)
    status_url = serializers.URLField(help_text="Where the person sees how far it is.")


class ParticipantSerializer(StrictSerializer, serializers.ModelSerializer[Participant]):
    class Meta:
        model = Participant
        fields = ["id", "email", "given_name", "family_name", "created_at", "updated_at"]
        read_only_fields = ["id", "email", "created_at", "updated_at"]


class PersonSerializer(serializers.ModelSerializer[Participant]):
    class Meta:
        model = Participant
        fields = ["id", "email", "given_name", "family_name"]


class RegistrationSerializer(serializers.ModelSerializer[Registration]):
    id = serializers.UUIDField(source="reference")
    event = serializers.SlugRelatedField(slug_field="slug", read_only=True)  # type: ignore[var-annotated]
    participant = PersonSerializer()
    status = serializers.ChoiceField(choices=Registration.Status.choices, read_only=True)
    status_url = serializers.SerializerMethodField(help_text="Where the person sees how far it is.")
    group = serializers.SlugRelatedField(slug_field="name", read_only=True, allow_null=True)  # type: ignore[var-annotated]
    sponsoring_account = serializers.CharField(source="account.sponsoring_account.account_id", read_only=True)
    updated_at = serializers.DateTimeField(
        source="changed_at", read_only=True, help_text="Moves with the status, and with everything else but names."
    )

    class Meta:
        model = Registration
        fields = [
            *("id", "event", "participant", "status", "status_url", "answers", "group", "sponsoring_account"),
            *("quota_minutes", "quota_models", "has_own_quota"),
            *("paused_at", "removed_at", "keeps_models", "created_at", "updated_at"),
        ]
        read_only_fields = fields

    def get_status_url(self, registration: Registration) -> str:
        return make_status_url(registration)


def make_status_url(registration: Registration) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{status_path(registration)}"
