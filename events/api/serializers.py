from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from events.models import Event
from paddock.api.serializers import StrictSerializer

EDITABLE = [
    *("title", "summary", "description", "time_zone", "starts_at", "ends_at"),
    *("registration_opens_at", "registration_closes_at", "is_published", "capacity", "expected_participants"),
    *("allowed_email_domains", "allows_guests", "requires_sign_in", "session_minutes", "contacts"),
]


class EventSerializer(StrictSerializer, serializers.ModelSerializer[Event]):
    sponsoring_accounts = serializers.SerializerMethodField(help_text="Numbers of the accounts that sponsor it.")
    portal_url = serializers.SerializerMethodField(help_text="Where people register.")

    class Meta:
        model = Event
        fields = [
            *("slug", *EDITABLE, "sponsoring_accounts", "portal_url"),
            *("frozen_at", "offboarding_at", "updated_at"),
        ]
        read_only_fields = ["slug", "frozen_at", "offboarding_at", "updated_at"]

    def get_sponsoring_accounts(self, event: Event) -> list[str]:
        return [account.sponsoring_account.account_id for account in event.accounts.all()]

    def get_portal_url(self, event: Event) -> str:
        path = reverse("participants:portal", args=[event.organization.slug, event.slug])
        return f"{settings.SITE_URL.rstrip('/')}{path}"
