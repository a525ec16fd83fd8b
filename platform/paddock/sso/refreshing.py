"""Reading a provider's metadata anew, because its keys roll over."""

import logging
from datetime import timedelta

from django.utils import timezone

from paddock.sso.connecting import describe_saml, fetch_metadata
from paddock.sso.models import IdentityProvider
from paddock.sso.refusals import ProviderUnusable

logger = logging.getLogger(__name__)

FRESH = timedelta(hours=12)


def refresh_metadata(provider: IdentityProvider) -> None:
    """Where it is old. What cannot be read, or is suddenly of another provider, leaves everything as it is."""
    read_at = provider.metadata_read_at
    if provider.is_oidc or not provider.metadata_url or (read_at and timezone.now() - read_at < FRESH):
        return
    try:
        found = describe_saml(fetch_metadata(provider.metadata_url))
    except ProviderUnusable as problem:
        logger.warning("The metadata of provider %s could not be read: %s", provider.key, problem)
        return
    if found["entity_id"] != provider.entity_id:
        logger.warning("The metadata of provider %s is of %s now; kept the old.", provider.key, found["entity_id"])
        return
    for name, value in found.items():
        setattr(provider, name, value)
    provider.save(update_fields=list(found))
