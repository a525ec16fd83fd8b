"""Minutes that a service has forgotten in its queue.

DeepRacer on AWS never gives back the queued minutes of a job that was cancelled before it began, or failed to. They
take from the racer's quota for good, but nothing will ever be spent on them.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from events.models import SponsoringAccount
from participants.models import RacerProfile

# The longest job takes a day; half a day more for its place in the queue.
LONGEST_JOB = timedelta(hours=24)
MARGIN = timedelta(hours=12)


def leaked_seconds(profile: RacerProfile, now: datetime) -> int:
    """Queued seconds that nothing will come of any more: their number has not moved for longer than a job may last.

    Of DeepRacer on AWS alone. Needs the profile's sponsoring account.
    """
    if profile.sponsoring_account.is_multi_user or profile.queued_since is None:
        return 0
    return profile.queued_seconds if profile.queued_since < _stands_still_since(now) else 0


def has_leaked(now: datetime) -> Q:
    """The same for the database: racer profiles all of whose queued seconds have leaked."""
    return Q(
        sponsoring_account__kind=SponsoringAccount.Kind.DEEPRACER_ON_AWS, queued_since__lt=_stands_still_since(now)
    )


def _stands_still_since(now: datetime) -> datetime:
    return now - LONGEST_JOB - MARGIN
