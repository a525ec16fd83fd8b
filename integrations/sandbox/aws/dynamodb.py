"""Tables: those of portals, as moto keeps them, and those of deployments, which are only read.

A deployment's rows are made from the racing accounts when they are asked for.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb import urls
from moto.dynamodb.responses import DynamoHandler

from integrations.sandbox.aws.portal_tables import check_access
from integrations.sandbox.aws.typed_values import to_typed
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.table import SORT_KEY_INDEX, all_rows, rows_near
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
_OTHERS = ("describe_table", "get_item", "query", "scan", "batch_get_item", "update_table")


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
            table.put_item({name: to_typed(value) for name, value in row.items()})

    def check(self, action: str, *, writes: bool) -> None:
        """Raises JsonRESTError. Whoever writes past a deployment breaks it; and what is written would be lost."""
        for name in self._list_tables():
            if writes and self.cloud.droa.of_table(self.current_account, self.region, name):
                raise _denied("The table is written by its deployment alone.")
            arn = f"arn:aws:dynamodb:{self.region}:{self.current_account}:table/{name}"
            check_access(self.cloud, self.get_access_key(), action, arn)

    def _list_tables(self) -> set[str]:
        """By name, wherever the request names one."""
        requests: Any = self.body.get("RequestItems") or {}
        changes = [change for item in self.body.get("TransactItems") or [] for change in item.values()]
        named = [self.body.get("TableName", ""), *requests, *(change.get("TableName", "") for change in changes)]
        return {name.rpartition("/")[2] for name in named if name}


def _checked(operation: str, *, writes: bool) -> Callable[[SandboxTables], ActionResult]:
    answer = getattr(SandboxTables, operation)
    action = "".join(word.title() for word in operation.split("_"))

    def work(self: SandboxTables) -> ActionResult:
        self.check(action, writes=writes)
        result: ActionResult = answer(self)
        return result

    return work


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first DynamoDB request."""
    is_first = not hasattr(SandboxTables, "cloud")
    SandboxTables.cloud = cloud
    for operation in (*_WRITES, *_OTHERS) if is_first else ():
        setattr(SandboxTables, operation, _checked(operation, writes=operation in _WRITES))
    for path in urls.url_paths:
        urls.url_paths[path] = SandboxTables.dispatch


def _strings(values: Any) -> Iterator[str]:
    for value in (values or {}).values():
        if isinstance(value, dict) and "S" in value:
            yield value["S"]


def _denied(message: str) -> JsonRESTError:
    return JsonRESTError("AccessDeniedException", message)
