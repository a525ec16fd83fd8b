"""/$batch: up to twenty requests in one, each charged and refused for itself."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.failures import RETRY_AFTER_SECONDS
from integrations.sandbox.graph import router, throttles
from integrations.sandbox.graph.wire import GraphAnswer, GraphError, GraphRequest, bad_request

MAX_ITEMS = 20
MAX_BINDING_PATCHES = 5  # more member PATCHes in one batch overload the directory in practice


def answer_batch(cloud: Cloud, request: GraphRequest) -> GraphAnswer:
    """The outer status is 200 whatever happens inside; the answers come in any order."""
    try:
        items = _checked_items(request.body)
    except GraphError as error:
        return error.answer()
    answers: dict[str, GraphAnswer] = {}
    binding_patches = 0
    for item in items:
        binding_patches += _binds_members(item)
        overloaded = cloud.knobs.throttles and binding_patches > MAX_BINDING_PATCHES and _binds_members(item)
        answers[item["id"]] = _unavailable() if overloaded else _answer_item(cloud, request, item, answers)
    responses = [_response(item_id, answer) for item_id, answer in answers.items()]
    random.shuffle(responses)
    return GraphAnswer(200, {"responses": responses})


def _answer_item(
    cloud: Cloud, batch: GraphRequest, item: Mapping[str, Any], earlier: Mapping[str, GraphAnswer]
) -> GraphAnswer:
    path, _, query = str(item["url"]).partition("?")
    path = "/" + path.lstrip("/")
    method = str(item["method"]).upper()
    cloud.calls.count("graph_items", router.operation_name(method, path))
    parents = [earlier.get(parent) for parent in item.get("dependsOn", [])]
    if any(parent is None or parent.status >= 400 for parent in parents):
        return GraphError(424, "FailedDependency", "A request this one depends on has failed.").answer()
    if cloud.failures.strikes():
        return throttles.too_many_requests(RETRY_AFTER_SECONDS)
    single = replace(batch, method=method, path=path, query=dict(parse_qsl(query)), body=item.get("body"))
    return router.answer(cloud, single)


def _checked_items(body: Any) -> list[dict[str, Any]]:
    items = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise bad_request("Invalid batch payload format.", code="BadRequest")
    if len(items) > MAX_ITEMS:
        raise bad_request(
            f"Number of batch request steps exceeds the maximum value of {MAX_ITEMS}.", code="MaximumValueExceeded"
        )
    seen: set[str] = set()
    for item in items:
        _check_item(item, seen)
    return items


def _check_item(item: Any, seen: set[str]) -> None:
    if not isinstance(item, dict) or not all(isinstance(item.get(key), str) for key in ("id", "method", "url")):
        raise bad_request("Every request of a batch needs an id, a method and a url.", code="BadRequest")
    item_id = item["id"]
    if item_id.lower() in seen:
        raise bad_request(f"Request Id has to be unique in a batch: '{item_id}'.", code="BadRequest")
    seen.add(item_id.lower())
    header_names = {name.lower() for name in item.get("headers") or {}}
    if item.get("body") is not None and "content-type" not in header_names:
        raise bad_request(
            f"Write request id : {item_id} does not contain Content-Type header or body.", code="BadRequest"
        )


def _binds_members(item: Mapping[str, Any]) -> bool:
    body = item.get("body")
    return str(item["method"]).upper() == "PATCH" and isinstance(body, dict) and "members@odata.bind" in body


def _unavailable() -> GraphAnswer:
    return GraphError(503, "ServiceUnavailable", "The service is temporarily unavailable.").answer()


def _response(item_id: str, answer: GraphAnswer) -> dict[str, Any]:
    response: dict[str, Any] = {"id": item_id, "status": answer.status, "headers": dict(answer.headers)}
    if answer.body is not None:
        response["headers"]["Content-Type"] = "application/json"
        response["body"] = answer.body
    return response
