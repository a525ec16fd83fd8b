"""What travels from page to page of a confirmation, signed: nobody confirms what they were not shown."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import get_random_string
from redis.exceptions import RedisError

from paddock.tenancy.scope import current_organization_id

SALT = "participants.confirmation"
LIFETIME_SECONDS = 3600


logger = logging.getLogger(__name__)


def make_mark() -> str:
    return get_random_string(16)


@dataclass(frozen=True)
class Choice:
    """The rows that were chosen; once it was asked, what was answered, and once it was shown, its digest."""

    rows: list[int]
    answers: dict[str, list[str]] = field(default_factory=dict)
    digest: str = ""
    mark: str = field(default_factory=make_mark)  # of the page that was shown: its button works once


def sign(choice: Choice, *, action: str, request: HttpRequest) -> str:
    return signing.dumps(asdict(choice) | _owner(action, request), salt=SALT, compress=True)


def read(token: str, *, action: str, request: HttpRequest) -> Choice | None:
    """None for what is forged, too old, another person's, or meant for something else."""
    try:
        told: Mapping[str, object] = signing.loads(token, salt=SALT, max_age=LIFETIME_SECONDS)
    except signing.BadSignature:
        return None
    owner = _owner(action, request)
    if any(told[key] != value for key, value in owner.items()):
        return None
    return Choice(**{key: value for key, value in told.items() if key not in owner})  # type: ignore[arg-type]


def claim(choice: Choice) -> bool:
    """Whether this confirmation was not performed before: a button pressed twice counts once.

    Without the cache it counts as new: what was shown is compared anyhow.
    """
    try:
        return bool(cache.add(f"confirmed:{choice.mark}", 1, timeout=LIFETIME_SECONDS))
    except RedisError:
        logger.warning("Whether a confirmation came twice is not known: the cache cannot be reached.", exc_info=True)
        return True


def release(choice: Choice) -> None:
    """What did not work out may be confirmed again."""
    with suppress(RedisError):
        cache.delete(f"confirmed:{choice.mark}")


def _owner(action: str, request: HttpRequest) -> dict[str, object]:
    return {"action": action, "user": request.user.pk, "organization": current_organization_id()}
