"""Portals' tables and their streams in the sandbox, over DynamoDB's own wire, with its limits and its forgetting."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.sandbox import Sandbox

ACCOUNT, REGION, ROLE = "655555555555", "eu-west-1", "arn:aws:iam::655555555555:role/Reader"
TABLE = {"account_id": ACCOUNT, "region": REGION, "name": "Portal"}


def connect(sandbox: Sandbox, service: str, **keys: str) -> Any:
    keys = keys or {"aws_access_key_id": f"ASIA{ACCOUNT}0000", "aws_secret_access_key": "x"}
    return boto3.client(service, region_name=REGION, endpoint_url=sandbox.url, **keys)  # type: ignore[call-overload]


def as_reader(sandbox: Sandbox, service: str) -> Any:
    sts = connect(sandbox, "sts", aws_access_key_id="AKIASANDBOXSANDBOX00", aws_secret_access_key="x")
    found = sts.assume_role(RoleArn=ROLE, RoleSessionName="reader", ExternalId="external")["Credentials"]
    names = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey"}
    names |= {"aws_session_token": "SessionToken"}
    return connect(sandbox, service, **{name: found[key] for name, key in names.items()})


@pytest.fixture
def portal(sandbox: Sandbox) -> Sandbox:
    seed(sandbox, [{"id": "ann", "laps": 3, "tags": ["a"], "nothing": None, "new": True}])
    return sandbox


def seed(sandbox: Sandbox, items: list[dict[str, Any]]) -> None:
    sandbox.seed(roles=[{"arn": ROLE, "external_id": "external"}], tables=[TABLE | {"readers": [ROLE], "items": items}])


def stream_of(sandbox: Sandbox) -> str:
    found = connect(sandbox, "dynamodb").describe_table(TableName="Portal")
    return str(found["Table"]["LatestStreamArn"])


def shards_of(sandbox: Sandbox) -> list[dict[str, Any]]:
    streams = connect(sandbox, "dynamodbstreams")
    shards: list[dict[str, Any]] = streams.describe_stream(StreamArn=stream_of(sandbox))["StreamDescription"]["Shards"]
    return shards


MOST_EMPTY_PAGES = 10


def iterator(sandbox: Sandbox, shard: dict[str, Any], kind: str = "TRIM_HORIZON", **place: str) -> str:
    streams = connect(sandbox, "dynamodbstreams")
    request = {"StreamArn": stream_of(sandbox), "ShardId": shard["ShardId"], "ShardIteratorType": kind, **place}
    return str(streams.get_shard_iterator(**request)["ShardIterator"])


def records(sandbox: Sandbox, place: str, **more: int) -> dict[str, Any]:
    """The first page that has some, or the last one of those that were looked at."""
    for _ in range(MOST_EMPTY_PAGES):
        answer = page(sandbox, place, **more)
        if answer["Records"] or "NextShardIterator" not in answer:
            break
        place = answer["NextShardIterator"]
    return answer


def page(sandbox: Sandbox, place: str, **more: int) -> dict[str, Any]:
    answer: dict[str, Any] = connect(sandbox, "dynamodbstreams").get_records(ShardIterator=place, **more)
    return answer


def refused(code: str, call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    assert refusal.value.response["Error"]["Code"] == code
    return str(refusal.value)


def test_writes_by_the_wire_come_out_of_the_stream(portal: Sandbox) -> None:
    table = connect(portal, "dynamodb")
    for item in ({"id": {"S": "ben"}}, {"id": {"S": "ben"}}, {"id": {"S": "ben"}, "n": {"N": "1"}}):
        table.put_item(TableName="Portal", Item=item)
    table.delete_item(TableName="Portal", Key={"id": {"S": "ben"}})
    (shard,) = shards_of(portal)
    answer = records(portal, iterator(portal, shard))
    assert [each["eventName"] for each in answer["Records"]] == ["INSERT", "INSERT", "MODIFY", "REMOVE"]
    first = answer["Records"][0]["dynamodb"]
    assert first["NewImage"] == {
        "id": {"S": "ann"},
        "laps": {"N": "3"},
        "tags": {"L": [{"S": "a"}]},
        "nothing": {"NULL": True},
        "new": {"BOOL": True},
    }
    again = iterator(portal, shard, "AFTER_SEQUENCE_NUMBER", SequenceNumber=first["SequenceNumber"])
    assert len(records(portal, again, Limit=2)["Records"]) == 2
    latest = records(portal, iterator(portal, shard, "LATEST"))
    assert latest["Records"] == []
    assert latest["NextShardIterator"]


def test_pages_may_be_empty_although_more_is_there(portal: Sandbox) -> None:
    (shard,) = shards_of(portal)
    place, empty = iterator(portal, shard), 0
    while not (answer := page(portal, place))["Records"]:
        place, empty = answer["NextShardIterator"], empty + 1
    assert empty


def test_shards_close_and_forget(portal: Sandbox) -> None:
    (parent,) = shards_of(portal)
    first = records(portal, iterator(portal, parent))["Records"][0]["dynamodb"]["SequenceNumber"]
    portal.table("split", **TABLE)
    closed, *children = shards_of(portal)
    assert closed["SequenceNumberRange"].keys() == {"StartingSequenceNumber", "EndingSequenceNumber"}
    assert [child["ParentShardId"] for child in children] == [parent["ShardId"]] * 2
    assert "NextShardIterator" not in records(portal, iterator(portal, closed))
    place = iterator(portal, children[0])
    portal.table("trim", **TABLE)
    assert [shard["ShardId"] for shard in shards_of(portal)] == [child["ShardId"] for child in children]
    refused("TrimmedDataAccessException", records, sandbox=portal, place=place)
    after = {"kind": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": first}
    refused("TrimmedDataAccessException", iterator, sandbox=portal, shard=children[0], **after)
    refused("ResourceNotFoundException", iterator, sandbox=portal, shard=closed)


def test_iterators_expire(portal: Sandbox) -> None:
    (shard,) = shards_of(portal)
    place = iterator(portal, shard)
    portal.table("expire", **TABLE)
    refused("ExpiredIteratorException", records, sandbox=portal, place=place)
    assert records(portal, iterator(portal, shard))["Records"]


def test_a_page_holds_a_thousand_records_or_a_megabyte(portal: Sandbox) -> None:
    portal.table("put", **TABLE, items=[{"id": f"{number:04d}"} for number in range(1100)])
    (shard,) = shards_of(portal)
    answer = records(portal, iterator(portal, shard))
    assert len(answer["Records"]) == 1000
    assert len(records(portal, answer["NextShardIterator"])["Records"]) == 101
    portal.table("put", **TABLE, items=[{"id": f"big{number}", "x": "x" * 400_000} for number in range(4)])
    assert len(records(portal, records(portal, answer["NextShardIterator"])["NextShardIterator"])["Records"]) == 2


def test_a_reader_reads_its_table_and_nothing_else(portal: Sandbox) -> None:
    table, streams = as_reader(portal, "dynamodb"), as_reader(portal, "dynamodbstreams")
    assert table.scan(TableName="Portal")["Count"] == 1
    assert streams.describe_stream(StreamArn=stream_of(portal))["StreamDescription"]["Shards"]
    for name, arguments in (
        ("put_item", {"TableName": "Portal", "Item": {"id": {"S": "x"}}}),
        ("delete_item", {"TableName": "Portal", "Key": {"id": {"S": "ann"}}}),
        ("get_item", {"TableName": "Portal", "Key": {"id": {"S": "ann"}}}),
        ("batch_write_item", {"RequestItems": {"Portal": [{"DeleteRequest": {"Key": {"id": {"S": "ann"}}}}]}}),
        ("describe_table", {"TableName": "Nothing"}),
    ):
        assert "not authorized" in refused("AccessDeniedException", getattr(table, name), **arguments)


def test_tables_and_streams_outlive_a_restart(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path / "state") as sandbox:
        seed(sandbox, [{"id": "ann"}])
        (shard,), arn = shards_of(sandbox), stream_of(sandbox)
    with Sandbox(state=tmp_path / "state") as sandbox:
        seed(sandbox, [{"id": "ann"}, {"id": "not put again"}])
        assert stream_of(sandbox) == arn
        assert len(records(sandbox, iterator(sandbox, shard))["Records"]) == 1
        assert as_reader(sandbox, "dynamodb").scan(TableName="Portal")["Count"] == 1
