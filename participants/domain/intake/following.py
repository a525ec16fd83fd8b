"""Following a portal's table by its stream: shard by shard, each after its parent, each from its own place."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from events.models import IntakeShard
from integrations.intake.dynamodb.stream import Record, RecordPage, Shard, list_shards, read_shard
from participants.domain.intake.taking import Change
from participants.domain.intake.turn import Turn, add, in_batches

# A stream keeps a day. Whoever comes close to that may have missed something without being told.
LONGEST_ABSENCE = timedelta(hours=23)
# What was written so long before a scan is in the table for certain, however wrong a clock goes; the record of it may
# hold what has been corrected since.
OVERLAP = timedelta(minutes=5)


class StreamGap(Exception):
    """The stream may have forgotten what was not read yet: the whole table has to be read again."""


def follow(turn: Turn) -> None:
    """Everything that the stream tells by now, or as much of it as the turn has time for. Raises StreamGap."""
    looked_at = timezone.now()
    if looked_at - turn.intake.streamed_at > LONGEST_ABSENCE:  # type: ignore[operator]
        raise StreamGap("It had not been read for most of the day that its stream keeps.")
    shards = list_shards(turn.config, turn.intake.stream_arn)
    places = _meet(turn, shards)
    for shard in shards:
        parent = places.get(shard.parent_id)
        if not places[shard.shard_id].is_finished and (parent is None or parent.is_finished):
            _read(turn, places[shard.shard_id], is_closed=shard.is_closed)
        if turn.is_over:
            return
    turn.take([], streamed_at=looked_at)


def _meet(turn: Turn, shards: list[Shard]) -> dict[str, IntakeShard]:
    """The places of all shards that there are; new ones begin at their first record."""
    listed = {shard.shard_id for shard in shards}
    parents = {shard.parent_id for shard in shards}
    with transaction.atomic():
        turn.claim.renew()
        places = {place.shard_id: place for place in IntakeShard.objects.filter(intake=turn.intake)}
        gone = [place for name, place in places.items() if name not in listed]
        new = [shard for shard in shards if shard.shard_id not in places]
        orphans = [shard for shard in new if shard.parent_id and shard.parent_id not in listed | places.keys()]
        if orphans or not all(place.is_finished for place in gone):
            raise StreamGap("Its stream had forgotten records that were not read yet.")
        for shard in new:
            places[shard.shard_id] = IntakeShard.objects.create(
                organization_id=turn.intake.organization_id, intake=turn.intake, shard_id=shard.shard_id
            )
        IntakeShard.objects.filter(pk__in=[place.pk for place in gone if place.shard_id not in parents]).delete()
    return places


def _read(turn: Turn, place: IntakeShard, *, is_closed: bool) -> None:
    arn, after = turn.intake.stream_arn, place.position
    for page in read_shard(turn.config, arn, place.shard_id, after=after, is_closed=is_closed):
        _take_page(turn, place, page)
        if turn.is_over:
            return


def _take_page(turn: Turn, place: IntakeShard, page: RecordPage) -> None:
    batches = list(in_batches(page.records))
    for batch in batches:
        with transaction.atomic():
            place.position = batch[-1].sequence_number
            place.save(update_fields=["position"])
            changes = [Change(each.key, each.image) for each in batch if _is_news(turn, each)]
            turn.take(changes, last_written_at=batch[-1].written_at, **add("record_count", batch))
    if page.is_end:
        with transaction.atomic():
            turn.claim.renew()
            place.is_finished = True
            place.save(update_fields=["is_finished"])


def _is_news(turn: Turn, record: Record) -> bool:
    began_at = turn.intake.scan_started_at
    return began_at is None or record.written_at >= began_at - OVERLAP
