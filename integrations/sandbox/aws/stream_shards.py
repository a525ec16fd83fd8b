"""Streams of tables. moto knows one shard that never ends; real shards close, have children, and forget after a day."""

import json
import zlib
from dataclasses import dataclass, field
from typing import Any

import moto.dynamodb.models.table as moto_table
from moto.core.utils import utcnow

_FIRST_SEQUENCE_NUMBER = 1100000000017454423009
LONGEST_PAGE = 1000
LARGEST_PAGE_BYTES = 2**20


@dataclass
class Shard:
    shard_id: str
    first: int
    parent_id: str = ""
    last: int | None = None  # of a closed shard
    records: list[dict[str, Any]] = field(default_factory=list)
    trimmed_to: int = 0  # everything up to this number is forgotten

    def as_wire(self) -> dict[str, Any]:
        numbers = {"StartingSequenceNumber": str(self.first)}
        numbers |= {} if self.last is None else {"EndingSequenceNumber": str(self.last)}
        parent = {"ParentShardId": self.parent_id} if self.parent_id else {}
        return {"ShardId": self.shard_id, "SequenceNumberRange": numbers, **parent}

    def read(self, after: int, limit: int) -> list[dict[str, Any]]:
        """At most so many records, and no more than a megabyte of them."""
        page: list[dict[str, Any]] = []
        size = 0
        for record in self.records:
            if number_of(record) > after:
                size += record["dynamodb"]["SizeBytes"]
                if len(page) == limit or (page and size > LARGEST_PAGE_BYTES):
                    break
                page.append(record)
        return page


def number_of(record: dict[str, Any]) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


class SandboxStream:
    """Stands where moto's tables keep their shard."""

    def __init__(self, account_id: str, table: Any) -> None:
        self.table = table
        self.created_on = utcnow()
        self.next_number = _FIRST_SEQUENCE_NUMBER
        self.shards: list[Shard] = []
        self._open("")

    def add(self, old: Any, new: Any) -> None:
        """A write that changes nothing leaves no record."""
        if old is not None and new is not None and old.to_json() == new.to_json():
            return
        name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        view = self.table.stream_specification["StreamViewType"]
        record = moto_table.StreamRecord(self.table, view, name, old, new, self._take_number()).to_json()
        self._shard_of(record["dynamodb"]["Keys"]).records.append(record)

    def split(self) -> None:
        """Every open shard closes and has two children, as happens every few hours or under load."""
        for shard in [shard for shard in self.shards if shard.last is None]:
            shard.last = self._take_number()
            for _ in range(2):
                self._open(shard.shard_id)

    def trim(self) -> None:
        """A day passes: what has been written is forgotten, and so are the shards that had closed."""
        for shard in self.shards:
            shard.records.clear()
            shard.trimmed_to = self._take_number()
        self.shards = [shard for shard in self.shards if shard.last is None]

    def find(self, shard_id: str) -> Shard | None:
        return next((shard for shard in self.shards if shard.shard_id == shard_id), None)

    def _open(self, parent_id: str) -> None:
        number = self._take_number()
        self.shards.append(Shard(f"shardId-{number:026d}-{zlib.crc32(str(number).encode()):08x}", number, parent_id))

    def _take_number(self) -> int:
        self.next_number += 1
        return self.next_number

    def _shard_of(self, keys: dict[str, Any]) -> Shard:
        is_open = [shard for shard in self.shards if shard.last is None]
        return is_open[zlib.crc32(json.dumps(keys, sort_keys=True).encode()) % len(is_open)]


def install() -> None:
    """Tables that are made from now on have such streams."""
    vars(moto_table)["StreamShard"] = SandboxStream
