"""How the admin says who somebody is, what they may use, and whether they are sponsored."""

from participants.domain.quotas.policies import Quota
from participants.models import Registration

HOUR_SECONDS = 3600


def word_person(registration: Registration) -> str:
    participant = registration.participant
    return f"{participant} ({participant.email})"


def word_minutes(minutes: int | None) -> str:
    return "no limit" if minutes is None else f"{minutes:,} min"


def word_models(models: int | None) -> str:
    if models is None:
        return "any number of models"
    return f"{models:,} model" if models == 1 else f"{models:,} models"


def word_quota(quota: Quota) -> str:
    return f"{word_minutes(quota.minutes)}, {word_models(quota.models)}"


def word_move(before: Quota, after: Quota) -> str:
    """The new quota, with the difference where there is one in numbers."""
    minutes = word_minutes(after.minutes) + _word_difference(before.minutes, after.minutes)
    return f"{minutes}, {word_models(after.models)}{_word_difference(before.models, after.models)}"


def _word_difference(before: int | None, after: int | None) -> str:
    return "" if before is None or after is None or before == after else f" ({after - before:+,})"


def word_seconds(seconds: int) -> str:
    return f"{seconds // 60:,} min"


def word_hours(seconds: int) -> str:
    """Minutes where hours would say nothing."""
    return f"{round(seconds / 60)} min" if seconds < HOUR_SECONDS else f"{seconds / HOUR_SECONDS:,.1f} h"
