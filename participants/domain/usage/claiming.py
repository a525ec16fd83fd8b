"""Who reads an account's usage at this moment: one worker, and another one soon should that one have died."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from events.models import SponsoringAccount


class ClaimLost(Exception):
    """Somebody else reads this account now: what this worker has read is old, and must not be written."""


class Claim:
    """The moment of its last renewal is the token, which nobody else can have."""

    def __init__(self, account_id: int, claimed_at: datetime) -> None:
        self.account_id = account_id
        self._tokens = [claimed_at]

    def renew(self) -> None:
        """In the transaction of what the claim guards: the account stays locked until that ends. Raises ClaimLost."""
        token = max(timezone.now(), self._tokens[-1] + timedelta(microseconds=1))
        if not self._find_account().update(sync_claimed_at=token):
            raise ClaimLost
        self._tokens = [self._tokens[-1], token]

    def release(self, **outcome: object) -> None:
        """Write what became of it, and let others come. A lost claim has nothing to tell."""
        self._find_account().update(sync_claimed_at=None, **outcome)

    def _find_account(self) -> QuerySet[SponsoringAccount]:
        """By the last token but one, too: the transaction of the last one may have been rolled back."""
        return SponsoringAccount.objects.filter(pk=self.account_id, sync_claimed_at__in=self._tokens)


def claim_account(account_id: int) -> Claim | None:
    """None where a living worker has it. Each page renews the claim, and no call may take as long as it lasts."""
    now = timezone.now()
    free = Q(sync_claimed_at=None) | Q(sync_claimed_at__lt=now - timedelta(seconds=settings.CLAIM_SECONDS))
    claimed = SponsoringAccount.objects.filter(free, pk=account_id).update(sync_claimed_at=now)
    return Claim(account_id, now) if claimed else None
