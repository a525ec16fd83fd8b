"""Which races' leaderboards are read when."""

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from events.models import Race
from participants.convergence import doorbell

# Submissions that were under way when a race closed still count.
AFTERMATH = timedelta(hours=6)


class DueRace(NamedTuple):
    organization_id: int
    race_id: int


def find_due_races() -> list[DueRace]:
    """Races that are open, or closed a short while ago; one that was read by hand just now waits for the next round."""
    now = timezone.now()
    stale = Q(results_at=None) | Q(results_at__lt=now - timedelta(seconds=settings.RACE_RESULTS_SECONDS / 2))
    races = Race.objects.filter(stale, opens_at__lte=now, closes_at__gt=now - AFTERMATH).exclude(service_id="")
    return [DueRace(*row) for row in races.order_by("id").values_list("organization_id", "id")]


def request_results(*, organization_id: int, race_id: int) -> None:
    """Wake a worker once the transaction is committed. A request that is lost is made good by the next round."""
    doorbell.wake(
        "read_results", expires=settings.RACE_RESULTS_SECONDS, organization_id=organization_id, race_id=race_id
    )
