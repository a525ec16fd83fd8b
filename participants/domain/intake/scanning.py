"""Reading a portal's table as a whole: the first time, and when its stream has forgotten something."""

from django.db import transaction
from django.utils import timezone

from events.models import Intake, IntakeShard
from integrations.intake.dynamodb.items import parse_item, write_item
from integrations.intake.dynamodb.stream import list_shards
from integrations.intake.dynamodb.table import TableDescription, key_of, scan_page
from participants.domain.intake.taking import Change
from participants.domain.intake.turn import Turn, add, in_batches

ITEMS_ON_A_PAGE = 500


def begin_scan(turn: Turn, table: TableDescription, *, reason: str = "") -> None:
    """Marks the place in the stream first, so that nothing that is written during the scan is missed."""
    began_at = timezone.now()
    shards = list_shards(turn.config, table.stream_arn)
    progress = {
        "stream_arn": table.stream_arn,
        "scan_started_at": began_at,
        "streamed_at": began_at,
        "scan_position": "",
        "scanned_at": None,
        "scan_count": 0,
        "item_estimate": table.item_count,
        "scan_reason": reason,
    }
    with transaction.atomic():
        turn.claim.renew(**progress)
        IntakeShard.objects.filter(intake=turn.intake).delete()
        # What a closed shard tells was written before, and so is in the table.
        IntakeShard.objects.bulk_create(
            IntakeShard(
                organization_id=turn.intake.organization_id,
                intake=turn.intake,
                shard_id=shard.shard_id,
                is_finished=shard.is_closed,
            )
            for shard in shards
        )
    turn.intake.refresh_from_db()


def go_on_scanning(turn: Turn, table: TableDescription) -> None:
    """From where the last worker stopped, until all is read or the turn is over."""
    while turn.intake.scanned_at is None and turn.intake.is_enabled and not turn.is_over:
        position = turn.intake.scan_position
        page = scan_page(turn.config, after=parse_item(position) if position else None, limit=ITEMS_ON_A_PAGE)
        for batch in in_batches(page.items):
            changes = [Change(key_of(item, table.key_names), item) for item in batch]
            turn.take(changes, scan_position=write_item(changes[-1].key), **add("scan_count", batch))
        if page.is_last:
            turn.take([], scanned_at=timezone.now(), scan_position="")
        turn.intake.refresh_from_db()


def needs_scan(intake: Intake, table: TableDescription) -> bool:
    """A stream that was switched off and on again is another one, and knows nothing of the time between."""
    return intake.scan_started_at is None or intake.stream_arn != table.stream_arn
