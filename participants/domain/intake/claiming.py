"""Who reads a portal's table at this moment: one worker, and another one soon should that one have died."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from events.models import Intake


class ClaimLost(Exception):
    """Somebody else reads this table now, or it is not to be read any more."""


class Claim:
    """The moment of its last renewal is the token, which nobody else can have."""

    def __init__(self, intake_id: int, claimed_at: datetime) -> None:
        self.intake_id = intake_id
        self._tokens = [claimed_at]

    def renew(self, **progress: object) -> None:
        """In the transaction of what the claim guards, together with how far it is. Raises ClaimLost."""
        token = max(timezone.now(), self._tokens[-1] + timedelta(microseconds=1))
        if not self._find_intake().update(claimed_at=token, **progress):
            raise ClaimLost
        self._tokens = [self._tokens[-1], token]

    def release(self, **outcome: object) -> None:
        """Write what became of it, and let others come. A lost claim has nothing to tell."""
        self._find_intake().update(claimed_at=None, **outcome)

    def _find_intake(self) -> QuerySet[Intake]:
        """By the last token but one, too: the transaction of the last one may have been rolled back."""
        return Intake.objects.filter(pk=self.intake_id, claimed_at__in=self._tokens)


def claim_intake(intake_id: int) -> Claim | None:
    """None where a living worker has it. Each batch renews the claim, and no call may take as long as it lasts."""
    now = timezone.now()
    claimed = Intake.objects.filter(is_free(now), pk=intake_id).update(claimed_at=now)
    return Claim(intake_id, now) if claimed else None


def is_free(now: datetime) -> Q:
    return Q(claimed_at=None) | Q(claimed_at__lt=now - timedelta(seconds=settings.CLAIM_SECONDS))
