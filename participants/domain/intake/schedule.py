"""Which portals' tables are read when."""

from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from events.models import Intake
from participants.convergence import doorbell
from participants.domain.intake.claiming import is_free
from participants.models import IntakeItem


class DueIntake(NamedTuple):
    organization_id: int
    intake_id: int


def find_due_intakes() -> list[DueIntake]:
    """Those that are on, of events that are not over, and those where somebody asked for another try."""
    now = timezone.now()
    asked_for = Exists(IntakeItem.objects.filter(intake=OuterRef("pk"), wants_retry=True))
    followed = Q(is_enabled=True, event__ends_at__gt=now, event__offboarding_at=None)
    intakes = Intake.objects.filter(is_free(now)).filter(followed | Q(asked_for))
    return [DueIntake(*row) for row in intakes.order_by("id").values_list("organization_id", "id")]


def request_read(*, organization_id: int, intake_id: int) -> None:
    """Wake a worker once the transaction is committed. A request that is lost is made good by the next round."""
    doorbell.wake("read_intake", expires=settings.INTAKE_SECONDS, organization_id=organization_id, intake_id=intake_id)
