"""Whose event a racer's usage belongs to."""

from datetime import datetime

from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from participants.models import Registration

RUNNING, AHEAD, OVER = range(3)


def find_deciding(now: datetime) -> QuerySet[Registration]:
    """For every participant on every account the one registration whose event their usage belongs to.

    It is for the event that started last of those that run, else the next one, else the one that ended last. Those
    that they were removed from come after all others: jobs that still ran and models that were kept were theirs.
    """
    standing = Case(
        When(event__ends_at__lte=now, then=Value(OVER)),
        When(event__starts_at__gt=now, then=Value(AHEAD)),
        default=Value(RUNNING),
        output_field=IntegerField(),
    )
    person = ("participant_id", "account__sponsoring_account_id")
    return (
        Registration.objects.annotate(event_standing=standing)
        .order_by(
            *person,
            F("removed_at").desc(nulls_first=True),
            "event_standing",
            Case(When(event_standing=RUNNING, then=F("event__starts_at"))).desc(),
            Case(When(event_standing=AHEAD, then=F("event__starts_at"))).asc(),
            "-event__ends_at",
            "-id",
        )
        .distinct(*person)
    )
