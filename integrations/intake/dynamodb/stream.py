"""The stream of a portal's table: which shards it has, and their records in order, from any place on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.aws import client
from integrations.errors import IntegrationError
from integrations.intake.dynamodb.items import Item
from integrations.intake.dynamodb.refusals import EXPIRED_ITERATOR, TableConfig, stream_errors
from integrations.repetition import repeat_read

_SERVICE = "dynamodbstreams"
RECORDS_ON_A_PAGE = 1000
# An open shard answers without records now and then although more are there. A closed one is read to its end.
EMPTY_PAGES = 5


@dataclass(frozen=True)
class Shard:
    """Records of a child come after those of its parent. A closed shard gets no more of them."""

    shard_id: str
    parent_id: str
    is_closed: bool


@dataclass(frozen=True)
class Record:
    """One write. `image` is the item as it has become; None where it was deleted."""

    sequence_number: str
    key: Item
    image: Item | None
    written_at: datetime


@dataclass(frozen=True)
class RecordPage:
    """`is_end`: the shard is closed, and this was the rest of it."""

    records: list[Record]
    is_end: bool


def list_shards(config: TableConfig, stream_arn: str) -> list[Shard]:
    """Parents come before their children."""
    shards: list[Shard] = []
    last = ""
    while True:
        description = _describe_page(config, stream_arn, last)
        shards += [_to_shard(each) for each in description["Shards"]]
        last = description.get("LastEvaluatedShardId", "")
        if not last:
            return _order(shards)


def read_shard(
    config: TableConfig, stream_arn: str, shard_id: str, *, after: str, is_closed: bool
) -> Iterator[RecordPage]:
    """Pages of what comes after the sequence number `after`, or of all that is kept, until there is nothing more now.

    Raises IntegrationError with the code FORGOTTEN where something in between is gone.
    """
    iterator, empty = _find_place(config, stream_arn, shard_id, after), 0
    while iterator and (is_closed or empty < EMPTY_PAGES):
        try:
            answer = _read_page(config, iterator)
        except IntegrationError as error:
            if error.code != EXPIRED_ITERATOR:
                raise
            iterator = _find_place(config, stream_arn, shard_id, after)
            continue
        iterator = answer.get("NextShardIterator", "")
        records = [_to_record(each) for each in answer["Records"]]
        after = records[-1].sequence_number if records else after
        empty = 0 if records else empty + 1
        yield RecordPage(records, is_end=not iterator)


def _order(shards: list[Shard]) -> list[Shard]:
    known = {shard.shard_id: shard for shard in shards}
    return sorted(shards, key=lambda shard: (_depth(shard, known), shard.shard_id))


def _depth(shard: Shard, known: dict[str, Shard]) -> int:
    depth = 0
    while parent := known.get(shard.parent_id):
        shard, depth = parent, depth + 1
    return depth


@repeat_read
def _describe_page(config: TableConfig, stream_arn: str, last: str) -> dict[str, Any]:
    start = {"ExclusiveStartShardId": last} if last else {}
    with stream_errors(config):
        answer = client(config.access, _SERVICE).describe_stream(StreamArn=stream_arn, **start)
    description: dict[str, Any] = answer["StreamDescription"]
    return description


@repeat_read
def _find_place(config: TableConfig, stream_arn: str, shard_id: str, after: str) -> str:
    place = (
        {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
        if after
        else {"ShardIteratorType": "TRIM_HORIZON"}
    )
    with stream_errors(config):
        answer = client(config.access, _SERVICE).get_shard_iterator(StreamArn=stream_arn, ShardId=shard_id, **place)
    return str(answer["ShardIterator"])


@repeat_read
def _read_page(config: TableConfig, iterator: str) -> dict[str, Any]:
    with stream_errors(config):
        answer: dict[str, Any] = client(config.access, _SERVICE).get_records(
            ShardIterator=iterator, Limit=RECORDS_ON_A_PAGE
        )
    return answer


def _to_shard(answer: dict[str, Any]) -> Shard:
    is_closed = "EndingSequenceNumber" in answer["SequenceNumberRange"]
    return Shard(answer["ShardId"], answer.get("ParentShardId", ""), is_closed)


def _to_record(answer: dict[str, Any]) -> Record:
    told = answer["dynamodb"]
    is_removed = answer["eventName"] == "REMOVE"
    return Record(
        told["SequenceNumber"],
        told["Keys"],
        None if is_removed else told["NewImage"],
        told["ApproximateCreationDateTime"],
    )
