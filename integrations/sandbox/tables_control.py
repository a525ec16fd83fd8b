"""/sandbox/tables/: what a portal writes, and what becomes of a table's stream, for tests and the demonstration."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from integrations.sandbox.aws.portal_tables import find_table, to_item
from integrations.sandbox.aws.typed_values import to_typed
from integrations.sandbox.cloud import Cloud

Answer = Response | tuple[Response, int]


class TableControls:
    """The views; every one runs under the cloud's lock, which the gate holds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def put(self) -> Answer:
        """Rows as the portal's API stores them; with `typed`, as DynamoDB's wire has them."""
        table, body = _table(), _body()
        for item in body["items"]:
            table.put_item(item if body.get("typed") else to_item(item))
        return jsonify({"put": len(body["items"])})

    def delete(self) -> Answer:
        """By the values of their key."""
        table, keys = _table(), _body()["keys"]
        for key in keys:
            table.delete_item(DynamoType(to_typed(key)), None)
        return jsonify({"deleted": len(keys)})

    def split(self) -> Answer:
        """Every open shard closes and has two children."""
        _stream().split()
        return jsonify({"split": True})

    def trim(self) -> Answer:
        """A day passes, and the stream has forgotten everything."""
        _stream().trim()
        return jsonify({"trimmed": True})

    def expire(self) -> Answer:
        """Fifteen minutes pass for the iterators that were given out."""
        self._cloud.portal_tables.iterators_valid_from = self._cloud.now()
        return jsonify({"expired": True})

    def stream(self) -> Answer:
        """Switch the stream off and, with a `view`, on again: a new one, with a new ARN."""
        table, view = _table(), _body().get("view")
        table.stream_shard = table.latest_stream_label = None
        table.set_stream_specification({"StreamEnabled": True, "StreamViewType": view} if view else None)
        return jsonify({"stream": table.latest_stream_label})


def tables_blueprint(cloud: Cloud) -> Blueprint:
    blueprint, controls = Blueprint("tables", __name__, url_prefix="/sandbox/tables"), TableControls(cloud)
    for view in ("put", "delete", "split", "trim", "expire", "stream"):
        blueprint.post(f"/{view}")(getattr(controls, view))
    blueprint.register_error_handler(KeyError, _bad_request)
    return blueprint


def _bad_request(error: Exception) -> Answer:
    return jsonify({"error": f"There is no such table, or a field is missing: {error}."}), 400


def _table() -> Table:
    body = _body()
    return find_table(body["account_id"], body["region"], body["name"])


def _stream() -> Any:
    return _table().stream_shard


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}
