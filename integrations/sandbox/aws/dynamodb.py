"""Reads of a deployment's table. Its rows are made from the racing accounts when they are asked for."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb import urls
from moto.dynamodb.responses import DynamoHandler

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.table import SORT_KEY_INDEX, Row, all_rows, rows_near
from integrations.sandbox.racing.progress import bring_forward

_INDEX = {
    "IndexName": SORT_KEY_INDEX,
    "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
_TABLE: dict[str, Any] = {
    "schema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "attr": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
    "global_indexes": [_INDEX],
    "indexes": None,
    "throughput": None,
    "streams": None,
    "billing_mode": "PAY_PER_REQUEST",
    "sse_specification": None,
    "tags": [],
    "deletion_protection_enabled": False,
    "warm_throughput": None,
}
_WRITES = ("put_item", "update_item", "delete_item", "batch_write_item", "transact_write_items", "delete_table")


class SandboxTables(DynamoHandler):
    """moto answers as ever, after the rows that the request may touch were put in."""

    cloud: ClassVar[Cloud]

    def get_item(self) -> ActionResult:
        self._fill(self.body.get("TableName", ""), _strings(self.body.get("Key")))
        return super().get_item()

    def query(self) -> ActionResult:
        self._fill(self.body.get("TableName", ""), _strings(self.body.get("ExpressionAttributeValues")))
        return super().query()

    def scan(self) -> ActionResult:
        self._fill(self.body.get("TableName", ""), None)
        return super().scan()

    def batch_get_item(self) -> ActionResult:
        for name, request in (self.body.get("RequestItems") or {}).items():
            self._fill(name, [value for key in request.get("Keys", []) for value in _strings(key)])
        return super().batch_get_item()

    def _fill(self, table_name: str, values: Iterable[str] | None) -> None:
        """The rows of these key values, or all of them."""
        deployment = self.cloud.droa.of_table(self.current_account, self.region, table_name)
        if deployment is None:
            return
        if self.get_access_key() in self.cloud.cognito.sessions:
            raise _denied("This identity is not authorized to read the table.")
        bring_forward(self.cloud)
        self.dynamodb_backend.tables.pop(table_name, None)
        table = self.dynamodb_backend.create_table(table_name, **_TABLE)
        for row in all_rows(deployment) if values is None else rows_near(deployment, values):
            table.put_item({name: _wire(value) for name, value in row.items()})

    def refuse_write(self) -> ActionResult:
        """Whoever writes past the service breaks it; and what is written here would be lost."""
        raise _denied("The table is written by its deployment alone.")


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first DynamoDB request."""
    SandboxTables.cloud = cloud
    for operation in _WRITES:
        setattr(SandboxTables, operation, SandboxTables.refuse_write)
    for path in urls.url_paths:
        urls.url_paths[path] = SandboxTables.dispatch


def _strings(values: Any) -> Iterator[str]:
    for value in (values or {}).values():
        if isinstance(value, dict) and "S" in value:
            yield value["S"]


def _wire(value: Any) -> Row:
    """A value with its type, as DynamoDB has it."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": str(value)}
    if isinstance(value, int | float):
        return {"N": json.dumps(value)}
    if isinstance(value, dict):
        return {"M": {name: _wire(inner) for name, inner in value.items()}}
    return {"L": [_wire(inner) for inner in value]}


def _denied(message: str) -> JsonRESTError:
    return JsonRESTError("AccessDeniedException", message)
