"""The tracks that an account's service offers, for choosing one."""

from django.core.cache import cache

from events.domain.connections import open_racing
from events.models import SponsoringAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import Track

KEPT_SECONDS = 3600
REFUSAL_KEPT_SECONDS = 60  # a service that does not answer must not hold up every page


def list_tracks(*, account: SponsoringAccount) -> list[Track]:
    """By name; none where the service does not tell. Asked for once an hour."""
    key = f"tracks:{account.pk}"
    rows = cache.get(key)
    if rows is None:
        rows = _fetch(account)
        cache.set(key, rows, KEPT_SECONDS if rows else REFUSAL_KEPT_SECONDS)
    return [Track(*row) for row in rows]


def _fetch(account: SponsoringAccount) -> list[tuple[str, str]]:
    try:
        tracks = open_racing(account).list_tracks()
    except IntegrationError:
        return []
    return sorted(((track.service_id, track.name) for track in tracks), key=lambda track: track[1].lower())
