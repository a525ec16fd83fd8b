"""Making keys and knowing them again."""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from typing import Any

from django.utils import timezone

from paddock.api.models import ApiKey

FORM = re.compile(r"pdk_([a-z0-9]{8,12})_([A-Za-z0-9_-]{32,64})\Z")
# How exactly the last use is known: a busy key is not written at every call.
PRECISION = timedelta(minutes=1)


def issue(key: ApiKey) -> str:
    """Give a new key its secret and store it. Returns the whole key, which cannot be shown again."""
    return store(key, prefix=secrets.token_hex(4), secret=secrets.token_urlsafe(32))


def store(key: ApiKey, *, prefix: str, secret: str) -> str:
    key.prefix, key.digest = prefix, _digest(secret)
    key.save()
    return f"pdk_{prefix}_{secret}"


def find_key(token: str) -> ApiKey | None:
    """The valid key of the scope's organization that this is. Whatever else it may be, it is nothing."""
    form = FORM.match(token)
    key = ApiKey.objects.filter(prefix=form[1]).first() if form else None
    if form is None or key is None or not hmac.compare_digest(key.digest, _digest(form[2])) or not key.is_valid:
        return None
    return key


def note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at >= PRECISION:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def revoke(*, key: ApiKey) -> bool:
    """From the next call on. Returns whether it was valid before."""
    return bool(ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()))


def limit_to_chosen_events(key: ApiKey, queryset: Any, path: str) -> Any:
    """Only rows of the events that the key is for; `path` leads from the rows to their event."""
    if key.all_events:
        return queryset
    return queryset.filter(**{f"{path}__in": key.chosen_events.values("event_id")})


def _digest(secret: str) -> str:
    """A plain one is enough: nobody guesses 256 random bits, however fast."""
    return hashlib.sha256(secret.encode()).hexdigest()
