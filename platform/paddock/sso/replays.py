"""No assertion lets somebody in twice."""

import hashlib
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from paddock.sso.models import IdentityProvider, UsedAssertion
from paddock.sso.refusals import NOT_PROVEN, SignInRefused

# Longer than any clock that the library forgives.
MARGIN = timedelta(minutes=10)


def use_assertion(provider: IdentityProvider, assertion_id: str, not_on_or_after: float) -> None:
    """Raises SignInRefused where it was used before. What nobody would accept any more is forgotten."""
    digest = hashlib.sha256(assertion_id.encode()).hexdigest()
    UsedAssertion.objects.filter(provider=provider, expires_at__lt=timezone.now()).delete()
    try:
        with transaction.atomic():
            expires_at = datetime.fromtimestamp(not_on_or_after, UTC) + MARGIN
            UsedAssertion.objects.create(provider=provider, digest=digest, expires_at=expires_at)
    except IntegrityError as error:
        raise SignInRefused(NOT_PROVEN, detail="The assertion was used before.") from error
