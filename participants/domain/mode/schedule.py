"""Which accounts' mode is to be switched, and waking a worker for it."""

from typing import NamedTuple

from django.conf import settings

from events.models import SponsoringAccount
from participants.convergence import doorbell


class DueAccount(NamedTuple):
    organization_id: int
    account_id: int


def find_due_accounts() -> list[DueAccount]:
    rows = SponsoringAccount.objects.exclude(wants_mode=None).order_by("id")
    return [DueAccount(*row) for row in rows.values_list("organization_id", "id")]


def request_mode(*, organization_id: int, account_id: int) -> None:
    """Wake a worker once the transaction is committed. A request that is lost is made good by the next round."""
    doorbell.wake("settle_mode", expires=settings.MODE_SECONDS, organization_id=organization_id, account_id=account_id)
