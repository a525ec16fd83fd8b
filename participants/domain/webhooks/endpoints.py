"""What owners decide about endpoints."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from integrations.webhooks.targets import parse_target
from paddock.audit.changes import compare, find_stored
from paddock.audit.recording import record
from participants.domain.webhooks.secrets import OVERLAP, make_secret
from participants.domain.webhooks.sending import find_reach
from participants.models import WebhookEndpoint

ENDPOINTS_OF_AN_ORGANIZATION = 20
FORM_FIELDS = ["url", "description", "all_types", "types"]


class TooManyEndpoints(ValueError):
    """The message says so to the owner."""

    def __init__(self) -> None:
        super().__init__(
            f"An organization has at most {ENDPOINTS_OF_AN_ORGANIZATION} webhooks. Delete one that nobody needs."
        )


def check_url(url: str) -> None:
    """Raises InvalidTarget."""
    parse_target(url, find_reach())


def has_room() -> bool:
    return WebhookEndpoint.objects.count() < ENDPOINTS_OF_AN_ORGANIZATION


def save_endpoint(*, endpoint: WebhookEndpoint, actor: AbstractBaseUser | None, reason: str) -> WebhookEndpoint:
    """A new one gets its secret. Raises TooManyEndpoints."""
    with transaction.atomic():
        before = find_stored(endpoint) if endpoint.pk else None
        if before is None:
            if not has_room():
                raise TooManyEndpoints
            endpoint.secret = make_secret()
        # What workers write at the same moment stays as they wrote it.
        endpoint.save(update_fields=FORM_FIELDS if before else None)
        changes = compare(before, endpoint)
        if changes:
            action = f"{'changed' if before else 'added'} a webhook"
            record(actor=actor, action=action, about=endpoint, reason=reason, changes=changes)
    return endpoint


def rotate_secret(*, endpoint: WebhookEndpoint, actor: AbstractBaseUser, reason: str) -> str:
    """The new secret. The old one signs beside it for a while; one that was older is void."""
    with transaction.atomic():
        locked = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
        locked.previous_secret, locked.previous_secret_until = locked.secret, timezone.now() + OVERLAP
        locked.secret = make_secret()
        locked.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
        record(
            actor=actor,
            action="made a new secret for a webhook",
            about=endpoint,
            reason=reason,
            changes={"secret": ["••••", "•••• (new)"]},
        )
    return str(locked.secret)
