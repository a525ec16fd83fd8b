"""$select, $top and @odata.nextLink of collection answers."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from integrations.sandbox.graph.wire import GraphAnswer, GraphRequest, bad_request

MAX_PAGE = 999
DEFAULT_PAGE = 100


def select(entity: dict[str, Any], request: GraphRequest) -> dict[str, Any]:
    wanted = request.query.get("$select")
    if not wanted:
        return entity
    names = {name.strip() for name in wanted.split(",")} | {"@odata.type"}
    return {name: value for name, value in entity.items() if name in names}


def page(entities: Sequence[dict[str, Any]], request: GraphRequest, *, context: str) -> GraphAnswer:
    """One page of entities that are sorted by id; the skip token is the last id shown, so changes lose nobody."""
    size = _page_size(request)
    after = request.query.get("$skiptoken", "")
    rest = [entity for entity in entities if str(entity["id"]) > after] if after else list(entities)
    shown = rest[:size]
    body: dict[str, Any] = {"@odata.context": f"{request.base_url}/$metadata#{context}"}
    if len(rest) > size:
        query = {**request.query, "$skiptoken": str(shown[-1]["id"])}
        body["@odata.nextLink"] = f"{request.base_url}{request.path}?{urlencode(query)}"
    body["value"] = [select(entity, request) for entity in shown]
    return GraphAnswer(200, body)


def _page_size(request: GraphRequest) -> int:
    text = request.query.get("$top", str(DEFAULT_PAGE))
    if not text.isdigit() or not 1 <= int(text) <= MAX_PAGE:
        raise bad_request(f"Invalid page size specified: '{text}'. Must be between 1 and {MAX_PAGE} inclusive.")
    return int(text)
