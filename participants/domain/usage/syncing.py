"""Reading an account's racers from its service, page by page, into the ledger."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from events.domain.connections import open_racing
from events.models import SponsoringAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import Profile, RacingService
from participants.domain.guard.looking import look_at_budgets
from participants.domain.offboarding.late import owe_late_arrivals
from participants.domain.sponsorship.drift import owe_what_drifted
from participants.domain.usage.claiming import Claim, ClaimLost, claim_account
from participants.domain.usage.matching import match_profiles
from participants.domain.usage.observing import observe_profiles, open_books

logger = logging.getLogger(__name__)


def sync_account(*, account_id: int) -> bool:
    """Bring the account's racers and its ledger up to date. False where another worker is at it.

    What was read before a failure is kept: each page stands for itself, and the next sync goes on from there.
    """
    if connection.in_atomic_block:
        raise RuntimeError("A sync calls a provider, and so must not run inside a transaction.")
    claim = claim_account(account_id)
    if claim is None:
        return False
    try:
        claim.release(sync_error="", **_sync(claim))
    except ClaimLost:
        return False
    except IntegrationError as error:
        claim.release(sync_error=str(error))
    except Exception:
        logger.exception("The sync of sponsoring account %s broke", account_id)
        claim.release(sync_error="Paddock ran into an error of its own and tries again; its log has the details.")
    # After a failure too: what was read before it has been spent.
    look_at_budgets(account=SponsoringAccount.objects.get(pk=account_id))
    return True


def _sync(claim: Claim) -> dict[str, object]:
    """Returns what there is to say of the account afterwards."""
    account = SponsoringAccount.objects.get(pk=claim.account_id)
    began_at, service = timezone.now(), open_racing(account)
    mode_is_on = service.is_active() if service.capabilities.has_mode else None
    # Without multi-user mode the service shows no racers. They and their models are still there.
    if mode_is_on is not False:
        _read_profiles(account, service, claim)
        match_profiles(account=account, since=began_at)
        owe_what_drifted(account=account)
        owe_late_arrivals(account=account)
    return {"mode_is_on": mode_is_on, "synced_at": began_at}


def _read_profiles(account: SponsoringAccount, service: RacingService, claim: Claim) -> None:
    books = open_books(account=account)
    for looked_at, profiles in _read_ahead(service.list_profiles()):
        with transaction.atomic():
            claim.renew()
            observe_profiles(books=books, profiles=profiles, looked_at=looked_at)


def _read_ahead(pages: Iterator[list[Profile]]) -> Iterator[tuple[datetime, list[Profile]]]:
    """Each page with the moment before it was asked for: what happened since then is the next look's.

    The next one is already being read while the last one is written down.
    """

    def look() -> tuple[datetime, list[Profile] | None]:
        looked_at = timezone.now()
        return looked_at, next(pages, None)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="page-reader") as reader:
        upcoming = reader.submit(look)
        while True:
            looked_at, profiles = upcoming.result()
            if profiles is None:
                return
            upcoming = reader.submit(look)
            yield looked_at, profiles
