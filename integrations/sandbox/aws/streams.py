"""The reading of streams: iterators that expire, records that are forgotten, pages of a thousand or a megabyte, or of
nothing although more is there.
"""

import base64
import json
from typing import Any, ClassVar

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodbstreams import urls
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler

from integrations.sandbox.aws import stream_shards
from integrations.sandbox.aws.portal_tables import check_access
from integrations.sandbox.aws.stream_shards import LONGEST_PAGE, SandboxStream, Shard, number_of
from integrations.sandbox.cloud import Cloud

ITERATOR_SECONDS = 15 * 60
SHARDS_ON_A_PAGE = 100
# Pages without records that come before the first one with some: the further back a place is, the more of them.
EMPTY_PAGES, EMPTY_PAGES_OF_CLOSED = 2, 7


class SandboxStreams(DynamoDBStreamsHandler):
    """One method per operation, found by moto through its name."""

    cloud: ClassVar[Cloud]

    def describe_stream(self) -> ActionResult:
        arn = self._get_param("StreamArn")
        stream = self._stream(arn, "DescribeStream")
        shards, start = stream.shards, self._get_param("ExclusiveStartShardId")
        ids = [shard.shard_id for shard in shards]
        first = ids.index(start) + 1 if start in ids else 0
        page = shards[first : first + min(self._get_int_param("Limit") or SHARDS_ON_A_PAGE, SHARDS_ON_A_PAGE)]
        more = {"LastEvaluatedShardId": page[-1].shard_id} if page and page[-1] is not shards[-1] else {}
        table = stream.table
        description = {
            "StreamArn": arn,
            "StreamLabel": table.latest_stream_label,
            "StreamStatus": "ENABLED",
            "StreamViewType": table.stream_specification["StreamViewType"],
            "CreationRequestDateTime": stream.created_on,
            "TableName": table.name,
            "KeySchema": table.schema,
            "Shards": [shard.as_wire() for shard in page],
            **more,
        }
        return ActionResult({"StreamDescription": description})

    def get_shard_iterator(self) -> ActionResult:
        arn, shard_id = self._get_param("StreamArn"), self._get_param("ShardId")
        stream = self._stream(arn, "GetShardIterator")
        shard = _require_shard(stream, shard_id)
        number = int(self._get_param("SequenceNumber") or 0)
        match self._get_param("ShardIteratorType"):
            case "TRIM_HORIZON":
                after = shard.trimmed_to
            case "LATEST":
                after = stream.next_number
            case "AT_SEQUENCE_NUMBER":
                after = _not_forgotten(shard, number) - 1
            case _:
                after = _not_forgotten(shard, number)
        empty = EMPTY_PAGES if shard.last is None else EMPTY_PAGES_OF_CLOSED
        return ActionResult({"ShardIterator": self._write_iterator(arn, shard_id, after, empty=empty)})

    def get_records(self) -> ActionResult:
        arn, _, token = self._get_param("ShardIterator").partition("|1|")
        state = _read_iterator(token)
        stream = self._stream(arn, "GetRecords")
        issued_at = state["issued_at"]
        expires_at = issued_at + ITERATOR_SECONDS
        if self.cloud.now() >= expires_at or issued_at < self.cloud.portal_tables.iterators_valid_from:
            raise JsonRESTError("ExpiredIteratorException", "The shard iterator has expired.")
        shard = _require_shard(stream, state["shard"])
        if state["after"] < shard.trimmed_to:
            raise _forgotten()
        if state["empty"]:
            further = self._write_iterator(arn, shard.shard_id, state["after"], empty=state["empty"] - 1)
            return ActionResult({"Records": [], "NextShardIterator": further})
        records = shard.read(state["after"], min(self._get_int_param("Limit") or LONGEST_PAGE, LONGEST_PAGE))
        after = number_of(records[-1]) if records else state["after"]
        is_over = shard.last is not None and not shard.read(after, 1)
        more = {} if is_over else {"NextShardIterator": self._write_iterator(arn, shard.shard_id, after)}
        return ActionResult({"Records": records, **more})

    def _stream(self, arn: str, action: str) -> SandboxStream:
        name = arn.partition(":table/")[2].split("/")[0]
        check_access(self.cloud, self.get_access_key(), action, arn.partition("/stream/")[0])
        table = dynamodb_backends[self.current_account][self.region].tables.get(name)
        if table is None or not table.latest_stream_label or not arn.endswith(table.latest_stream_label):
            raise JsonRESTError("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found")
        stream: Any = table.stream_shard
        return stream  # type: ignore[no-any-return]

    def _write_iterator(self, arn: str, shard_id: str, after: int, *, empty: int = 0) -> str:
        state = {"shard": shard_id, "after": after, "empty": empty, "issued_at": self.cloud.now()}
        return f"{arn}|1|{base64.b64encode(json.dumps(state).encode()).decode()}"


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first request."""
    SandboxStreams.cloud = cloud
    stream_shards.install()
    for path in urls.url_paths:
        urls.url_paths[path] = SandboxStreams.dispatch


def _read_iterator(token: str) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(base64.b64decode(token, validate=True))
    except ValueError as error:
        raise JsonRESTError("ValidationException", "Invalid ShardIterator") from error
    return state


def _require_shard(stream: SandboxStream, shard_id: str) -> Shard:
    shard = stream.find(shard_id)
    if shard is None:
        message = f"Requested resource not found: Shard: {shard_id} in the stream was not found"
        raise JsonRESTError("ResourceNotFoundException", message)
    return shard


def _not_forgotten(shard: Shard, number: int) -> int:
    if number < shard.trimmed_to:
        raise _forgotten()
    return number


def _forgotten() -> JsonRESTError:
    message = "The operation attempted to read past the oldest stream record in a shard"
    return JsonRESTError("TrimmedDataAccessException", message)
