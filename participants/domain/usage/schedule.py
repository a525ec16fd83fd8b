"""Which accounts are synced when."""

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from events.models import EventAccount, SponsoringAccount
from participants.convergence import doorbell
from participants.models import RacerProfile


class DueAccount(NamedTuple):
    organization_id: int
    account_id: int


def find_due_accounts() -> list[DueAccount]:
    """Accounts of events that are not over, and those where somebody has trained: what they keep costs money.

    One that was synced by hand just now waits for the next round.
    """
    now = timezone.now()
    events = EventAccount.objects.filter(sponsoring_account=OuterRef("pk"), event__ends_at__gt=now)
    racers = RacerProfile.objects.filter(sponsoring_account=OuterRef("pk")).exclude(service_id="")
    stale = Q(synced_at=None) | Q(synced_at__lt=now - timedelta(seconds=settings.USAGE_SYNC_SECONDS / 2))
    accounts = SponsoringAccount.objects.filter(stale, Exists(events) | Exists(racers))
    return [DueAccount(*row) for row in accounts.order_by("id").values_list("organization_id", "id")]


def request_sync(*, organization_id: int, account_id: int) -> None:
    """Wake a worker once the transaction is committed. A request that is lost is made good by the next round."""
    doorbell.wake(
        "sync_account", expires=settings.USAGE_SYNC_SECONDS, organization_id=organization_id, account_id=account_id
    )
