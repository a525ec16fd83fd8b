"""Tables of portals that organizations run themselves: who may read them, and what is in them at first."""

from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from integrations.sandbox.aws.typed_values import to_typed
from integrations.sandbox.cloud import Cloud

# What the role of a reader is allowed unless the seed says otherwise.
READING = frozenset({"DescribeTable", "Scan", "DescribeStream", "GetShardIterator", "GetRecords"})


def put_portal_table(cloud: Cloud, entry: Mapping[str, Any]) -> None:
    """Make the table with its rows, unless it is there. `readers` are the roles that read it and nothing else."""
    account_id, region, name = entry["account_id"], entry["region"], entry["name"]
    backend = dynamodb_backends[account_id][region]
    if name not in backend.tables:
        table = backend.create_table(name, **_describe(entry))
        for item in entry.get("items", []):
            table.put_item(to_item(item))
    arn = f"arn:aws:dynamodb:{region}:{account_id}:table/{name}"
    actions = frozenset(entry.get("actions", READING))
    cloud.portal_tables.readers[arn] = dict.fromkeys(entry.get("readers", []), actions)


def to_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_typed(value) for name, value in item.items()}


def find_table(account_id: str, region: str, name: str) -> Table:
    """Raises KeyError."""
    return dynamodb_backends[account_id][region].tables[name]


def check_access(cloud: Cloud, access_key: str, action: str, table_arn: str) -> None:
    """As IAM does: whoever was given some tables by name learns of no other, not even that it is missing."""
    caller = cloud.aws.assumed_roles.get(access_key, "")
    role = _role_of(caller)
    granted = [(arn, roles[role]) for arn, roles in cloud.portal_tables.readers.items() if role in roles]
    limited = bool(granted) or table_arn in cloud.portal_tables.readers
    if caller and limited and not any(arn == table_arn and action in actions for arn, actions in granted):
        resource = f"on resource: {table_arn} because no identity-based policy allows the dynamodb:{action} action"
        raise JsonRESTError(
            "AccessDeniedException", f"User: {caller} is not authorized to perform: dynamodb:{action} {resource}"
        )


def _role_of(caller: str) -> str:
    """arn:aws:sts::1:assumed-role/Name/session → arn:aws:iam::1:role/Name"""
    parts = caller.split(":")
    return f"arn:aws:iam::{parts[4]}:role/{parts[5].split('/')[1]}" if len(parts) == 6 else ""


def _describe(entry: Mapping[str, Any]) -> dict[str, Any]:
    key, view = entry.get("key", "id"), entry.get("view", "NEW_AND_OLD_IMAGES")
    return {
        "schema": [{"AttributeName": key, "KeyType": "HASH"}],
        "attr": [{"AttributeName": key, "AttributeType": "S"}],
        "global_indexes": None,
        "indexes": None,
        "throughput": None,
        "streams": {"StreamEnabled": True, "StreamViewType": view} if view else None,
        "billing_mode": "PAY_PER_REQUEST",
        "sse_specification": None,
        "tags": [],
        "deletion_protection_enabled": False,
        "warm_throughput": None,
    }
