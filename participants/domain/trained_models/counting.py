"""How many models racers keep, as far as it is known without asking their service."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from participants.domain.trained_models.refreshing import find_looks
from participants.models import RacerProfile, TrainedModel


@dataclass(frozen=True)
class ModelCount:
    number: int
    as_of: datetime


def count_models(*, racers: Collection[RacerProfile]) -> dict[int, ModelCount]:
    """By the racers' ids; those whose models nobody has seen yet are left out. One query, however many there are.

    Some services tell the number with each racer; of the others, models are listed at a time of their own. Needs the
    racers' sponsoring accounts.
    """
    looks, listed = find_looks([racer.sponsoring_account for racer in racers]), _count_listed(racers)
    found: dict[int, ModelCount] = {}
    for racer in racers:
        look, told_at = looks.get(racer.sponsoring_account_id), racer.sponsoring_account.synced_at
        number, listed_at = listed.get(racer.pk, (0, None))
        moments = [moment for moment in (look.as_of if look else None, listed_at) if moment]
        if racer.model_count is not None and told_at:
            found[racer.pk] = ModelCount(racer.model_count, told_at)
        elif moments:
            found[racer.pk] = ModelCount(number, max(moments))
    return found


def _count_listed(racers: Collection[RacerProfile]) -> dict[int, tuple[int, datetime | None]]:
    models = TrainedModel.objects.filter(profile__in=[racer.pk for racer in racers]).order_by()
    rows = models.values_list("profile").annotate(Count("id"), Max("seen_at"))
    return {racer_id: (number, seen_at) for racer_id, number, seen_at in rows}
