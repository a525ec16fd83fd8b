"""A worker's turn at a portal's table."""

import logging

from django.db import connection

from events.models import Intake
from integrations.errors import IntegrationError
from integrations.intake.dynamodb.refusals import FORGOTTEN
from integrations.intake.dynamodb.table import TableDescription, describe_table
from participants.domain.intake.claiming import ClaimLost, claim_intake
from participants.domain.intake.following import StreamGap, follow
from participants.domain.intake.retrying import retry_items
from participants.domain.intake.scanning import begin_scan, go_on_scanning, needs_scan
from participants.domain.intake.schedule import request_read
from participants.domain.intake.turn import Turn

logger = logging.getLogger(__name__)

OWN_ERROR = "Paddock ran into an error of its own and tries again; its log has the details."


def read_intake(*, intake_id: int) -> bool:
    """Bring the event up to what the table says. False where another worker is at it.

    What was taken before a failure is kept: each batch stands for itself, and the next turn goes on from there.
    """
    if connection.in_atomic_block:
        raise RuntimeError("An intake calls a provider, and so must not be read inside a transaction.")
    claim = claim_intake(intake_id)
    if claim is None:
        return False
    turn = Turn(Intake.objects.select_related("event").get(pk=intake_id), claim)
    try:
        retry_items(turn)
        if is_followed(turn.intake):
            _read(turn)
        claim.release(read_error="")
    except ClaimLost:
        return False
    except IntegrationError as error:
        claim.release(read_error=str(error))
    except Exception:
        logger.exception("The reading of intake %s broke", intake_id)
        claim.release(read_error=OWN_ERROR)
    if turn.is_over:
        request_read(organization_id=turn.intake.organization.pk, intake_id=intake_id)
    return True


def is_followed(intake: Intake) -> bool:
    return intake.is_enabled and not intake.event.is_over() and intake.event.offboarding_at is None


def _read(turn: Turn) -> None:
    table = describe_table(turn.config)
    if needs_scan(turn.intake, table):
        is_another = turn.intake.scan_started_at is not None
        begin_scan(turn, table, reason="Its stream is another one than before." if is_another else "")
    go_on_scanning(turn, table)
    if turn.intake.scanned_at:
        _follow(turn, table)


def _follow(turn: Turn, table: TableDescription) -> None:
    """What the stream has forgotten, the table still knows."""
    try:
        follow(turn)
    except StreamGap as gap:
        begin_scan(turn, table, reason=str(gap))
    except IntegrationError as error:
        if error.code != FORGOTTEN:
            raise
        begin_scan(turn, table, reason="Its stream had forgotten records that were not read yet.")
    else:
        return
    go_on_scanning(turn, table)
