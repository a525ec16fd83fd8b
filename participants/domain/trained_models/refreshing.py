"""Bringing what is known of models up to date: of one racer while somebody looks, of everybody of an account."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from events.domain.connections import open_racing
from events.models import SponsoringAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import TrainedModel as SeenModel
from participants.convergence import doorbell
from participants.convergence.doorbell import surviving_silence
from participants.domain.trained_models.reading import drop_unseen, look_at_models, put_models
from participants.models import RacerProfile, TrainedModel

REMEMBERED_SECONDS = 7 * 24 * 3600
NEVER_SIGNED_IN = "The service does not know this racer yet."

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """One racer's models. `problem` says why they are not of this moment, but `as_of`."""

    models: QuerySet[TrainedModel]
    as_of: datetime | None
    problem: str = ""


def see_models(*, racer: RacerProfile) -> Reading:
    """Live; where the service does not answer, what was seen last. Needs the racer's sponsoring account."""
    stored = TrainedModel.objects.filter(profile=racer)
    if not racer.service_id:
        return Reading(stored, None, NEVER_SIGNED_IN)
    began_at = timezone.now()
    answer = look_at_models(service=open_racing(racer.sponsoring_account), racers=[racer])[racer.service_id]
    if isinstance(answer, IntegrationError):
        return Reading(stored, _find_last_look(racer), str(answer))
    return Reading(stored, began_at)


def _find_last_look(racer: RacerProfile) -> datetime | None:
    latest = TrainedModel.objects.filter(profile=racer).order_by("-seen_at").values_list("seen_at", flat=True).first()
    remembered = find_looks([racer.sponsoring_account]).get(racer.sponsoring_account_id)
    moments = [moment for moment in (latest, remembered.as_of if remembered else None) if moment]
    return max(moments, default=None)


@dataclass(frozen=True)
class Look:
    """When all models of an account were read last, and why they could not be read since."""

    as_of: datetime | None
    problem: str = ""


def refresh_account(*, account_id: int) -> None:
    """Read everybody's models. What was read before a failure is kept, and nothing is taken for gone then."""
    if connection.in_atomic_block:
        raise RuntimeError("Reading models calls a provider, and so must not run inside a transaction.")
    account = SponsoringAccount.objects.get(pk=account_id)
    before, looked_at = find_looks([account]).get(account_id), timezone.now()
    try:
        _read_all(account, looked_at)
    except IntegrationError as error:
        _remember(account_id, Look(before.as_of if before else None, str(error)))
    else:
        _remember(account_id, Look(looked_at))


def _read_all(account: SponsoringAccount, looked_at: datetime) -> None:
    known = RacerProfile.objects.filter(sponsoring_account=account).exclude(service_id="")
    racers = dict(known.values_list("service_id", "pk"))
    for page in open_racing(account).list_all_models():
        with transaction.atomic():
            put_models(_sort(page, racers), looked_at=looked_at)
    drop_unseen(list(racers.values()), looked_at=looked_at)


def _sort(page: Iterable[SeenModel], racers: dict[str, int]) -> dict[int, list[SeenModel]]:
    """By racer. Whom nobody has seen yet is left to the next sync of usage."""
    sorted_models: dict[int, list[SeenModel]] = defaultdict(list)
    for model in page:
        if model.profile_id in racers:
            sorted_models[racers[model.profile_id]].append(model)
    return sorted_models


def find_looks(accounts: Iterable[SponsoringAccount]) -> dict[int, Look]:
    """By the accounts' ids. Those that were never looked at, or not for a week, are missing."""
    told: dict[str, tuple[datetime | None, str]] = {}
    with surviving_silence():
        told = cache.get_many([_key(account.pk) for account in accounts])
    return {int(key.rpartition(":")[2]): Look(*value) for key, value in told.items()}


def _remember(account_id: int, look: Look) -> None:
    with surviving_silence():
        cache.set(_key(account_id), (look.as_of, look.problem), timeout=REMEMBERED_SECONDS)


def _key(account_id: int) -> str:
    return f"models-of-account:{account_id}"


class DueAccount(NamedTuple):
    organization_id: int
    account_id: int


def find_due_accounts() -> list[DueAccount]:
    """Accounts with racers: what they keep there costs money, also after their events."""
    racers = RacerProfile.objects.filter(sponsoring_account=OuterRef("pk")).exclude(service_id="")
    accounts = SponsoringAccount.objects.filter(Exists(racers)).order_by("id")
    return [DueAccount(*row) for row in accounts.values_list("organization_id", "id")]


def request_refresh(*, organization_id: int, account_id: int) -> None:
    """Wake a worker once the transaction is committed. A request that is lost is made good by the next round."""
    doorbell.wake(
        "refresh_models",
        expires=settings.MODELS_REFRESH_SECONDS,
        organization_id=organization_id,
        account_id=account_id,
    )
