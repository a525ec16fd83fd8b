"""A portal's table: whether it can be followed, and all its items, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.aws import client
from integrations.intake.dynamodb.items import Item
from integrations.intake.dynamodb.refusals import TableConfig, no_new_image, no_stream, table_errors
from integrations.repetition import repeat_read

_NEW_IMAGES = frozenset({"NEW_IMAGE", "NEW_AND_OLD_IMAGES"})


@dataclass(frozen=True)
class TableDescription:
    """`item_count` is AWS's own estimate, a few hours old."""

    stream_arn: str
    key_names: tuple[str, ...]
    item_count: int


@dataclass(frozen=True)
class ScanPage:
    items: list[Item]
    is_last: bool


@repeat_read
def describe_table(config: TableConfig) -> TableDescription:
    """Raises IntegrationError, also where the table has no stream that tells what is written."""
    with table_errors(config):
        answer = client(config.access, "dynamodb").describe_table(TableName=config.table_name)["Table"]
    specification = answer.get("StreamSpecification", {})
    if not specification.get("StreamEnabled") or not answer.get("LatestStreamArn"):
        raise no_stream(config)
    if specification["StreamViewType"] not in _NEW_IMAGES:
        raise no_new_image(config, specification["StreamViewType"])
    names = tuple(key["AttributeName"] for key in answer["KeySchema"])
    return TableDescription(answer["LatestStreamArn"], names, answer.get("ItemCount", 0))


@repeat_read
def scan_page(config: TableConfig, *, after: Item | None, limit: int) -> ScanPage:
    """The items that come after the key `after`, with everything that was written before the call."""
    request: dict[str, Any] = {"TableName": config.table_name, "Limit": limit, "ConsistentRead": True}
    if after:
        request["ExclusiveStartKey"] = after
    with table_errors(config):
        answer = client(config.access, "dynamodb").scan(**request)
    return ScanPage(answer["Items"], not answer.get("LastEvaluatedKey"))


def key_of(item: Item, names: tuple[str, ...]) -> Mapping[str, Mapping[str, Any]]:
    """What names the item in its table; also where a scan can go on from."""
    return {name: item[name] for name in names}
