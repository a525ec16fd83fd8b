"""Whose event a racer's usage belongs to."""

from datetime import datetime
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from participants.models import Registration

RUNNING, AHEAD, OVER = range(3)


def find_event_of_profile(now: datetime) -> Subquery:
    """For annotating racer profiles: the id of the event that what they use now belongs to, if any.

    Of the events that the participant is registered for on this account: the one that started last of those that run,
    else the next one, else the one that ended last. Those that they were removed from come after all others: jobs that
    still ran and models that were kept were theirs.
    """
    return Subquery(_rank_registrations(now).values("event")[:1])


def find_registration_moment(now: datetime) -> Subquery:
    """For annotating racer profiles: since when they are registered for that event."""
    return Subquery(_rank_registrations(now).values("created_at")[:1])


def _rank_registrations(now: datetime) -> QuerySet[Registration, Any]:
    registrations = Registration.objects.filter(
        participant=OuterRef("participant"), account__sponsoring_account=OuterRef("sponsoring_account")
    )
    standing = Case(
        When(event__ends_at__lte=now, then=Value(OVER)),
        When(event__starts_at__gt=now, then=Value(AHEAD)),
        default=Value(RUNNING),
        output_field=IntegerField(),
    )
    return registrations.annotate(event_standing=standing).order_by(
        F("removed_at").desc(nulls_first=True),
        "event_standing",
        Case(When(event_standing=RUNNING, then=F("event__starts_at"))).desc(),
        Case(When(event_standing=AHEAD, then=F("event__starts_at"))).asc(),
        "-event__ends_at",
        "-id",
    )
