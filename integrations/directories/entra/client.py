"""Microsoft Graph on the wire: throttled, in batches, every answer told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from integrations.chunks import chunks
from integrations.directories.entra.credentials import EntraConfig
from integrations.directories.entra.refusals import explain_graph_refusal, no_answer
from integrations.directories.entra.tokens import token_source
from integrations.errors import IntegrationError
from integrations.retry_after import parse_retry_after
from integrations.throttle import Limit, shared_throttle

BATCH_SIZE = 20
# Graph's documented limits for one application in one tenant.
WRITES = Limit("graph-writes", 3000, 150)
RESOURCE_UNITS = Limit("graph-resource-units", 8000, 10)


@dataclass(frozen=True)
class GraphRequest:
    """`path` follows /v1.0 and is URL-encoded already. `writes` is what the request costs of Graph's write limit."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    writes: int = 1

    @property
    def cost(self) -> int:
        return 0 if self.method == "GET" else self.writes


@dataclass(frozen=True)
class GraphAnswer:
    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    retry_after: float | None = None

    @property
    def accepted(self) -> bool:
        return self.status < 400

    @property
    def message(self) -> str:
        return str(self._error.get("message", ""))

    @property
    def code(self) -> str:
        return str(self._error.get("code", ""))

    def refusal(self) -> IntegrationError:
        return explain_graph_refusal(self.status, self._error, self.retry_after)

    @property
    def _error(self) -> Mapping[str, Any]:
        error = self.body.get("error")
        return error if isinstance(error, dict) else {}


class GraphClient:
    def __init__(self, config: EntraConfig) -> None:
        self._tokens = token_source(config.tenant_id, config.client_id, config.credential)
        self.throttle_key = f"{config.tenant_id}:{config.client_id}"

    def read(self, path: str) -> Mapping[str, Any]:
        """Raises IntegrationError for any refusal."""
        answer = self.call(GraphRequest("GET", path))
        if not answer.accepted:
            raise answer.refusal()
        return answer.body

    def call(self, request: GraphRequest, *, timeout: float | None = None) -> GraphAnswer:
        """The answer, refusals included. Raises IntegrationError when there is none."""
        self._acquire([request])
        return self._send(request, timeout or settings.PROVIDER_TIMEOUT_SECONDS)

    def batch(
        self, requests_: Sequence[GraphRequest], *, size: int = BATCH_SIZE
    ) -> list[GraphAnswer | IntegrationError]:
        """One answer per request, in their order, by calls of `size` requests. Never raises IntegrationError.

        What keeps a whole call from being answered also answers for the calls after it: they are not tried.
        """
        answers: list[GraphAnswer | IntegrationError] = []
        for chunk in chunks(requests_, size):
            try:
                answers += self._send_batch(chunk)
            except IntegrationError as error:
                return answers + [error] * (len(requests_) - len(answers))
        return answers

    def _send_batch(self, chunk: Sequence[GraphRequest]) -> list[GraphAnswer | IntegrationError]:
        self._acquire(chunk)
        items = [_to_batch_item(str(index), request) for index, request in enumerate(chunk)]
        outer = GraphRequest("POST", "/$batch", {"requests": items})
        answer = self._send(outer, settings.PROVIDER_TIMEOUT_SECONDS)
        if not answer.accepted:
            raise answer.refusal()
        inner = {item.get("id"): _from_batch_item(item) for item in answer.body.get("responses", [])}
        return [inner.get(str(index), no_answer()) for index in range(len(chunk))]

    def _acquire(self, requests_: Sequence[GraphRequest]) -> None:
        # Everything that Paddock asks for costs one resource unit: reads name their fields with $select.
        shared_throttle().acquire(RESOURCE_UNITS, self.throttle_key, cost=len(requests_))
        if writes := sum(request.cost for request in requests_):
            shared_throttle().acquire(WRITES, self.throttle_key, cost=writes)

    def _send(self, request: GraphRequest, timeout: float) -> GraphAnswer:
        token = self._tokens.token()
        answer = _exchange(request, token, timeout)
        if answer.status == 401:
            answer = _exchange(request, self._tokens.replace(token), timeout)
        return answer


@lru_cache
def _http() -> requests.Session:
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=32))
    return session


def _exchange(request: GraphRequest, token: str, timeout: float) -> GraphAnswer:
    try:
        response = _http().request(
            request.method,
            f"{settings.GRAPH_ENDPOINT.rstrip('/')}/v1.0{request.path}",
            json=request.body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
        )
        body = response.json() if response.content else {}
    except requests.JSONDecodeError as error:
        if response.status_code < 400:
            raise no_answer() from error
        body = {}
    except requests.RequestException as error:
        raise no_answer() from error
    return GraphAnswer(
        response.status_code,
        body if isinstance(body, dict) else {},
        parse_retry_after(response.headers.get("Retry-After")),
    )


def _to_batch_item(identifier: str, request: GraphRequest) -> dict[str, Any]:
    item: dict[str, Any] = {"id": identifier, "method": request.method, "url": request.path}
    if request.body is not None:
        item |= {"headers": {"Content-Type": "application/json"}, "body": request.body}
    return item


def _from_batch_item(item: Mapping[str, Any]) -> GraphAnswer:
    headers = {name.lower(): str(value) for name, value in (item.get("headers") or {}).items()}
    body = item.get("body")
    return GraphAnswer(
        int(item.get("status", 500)),
        body if isinstance(body, dict) else {},
        parse_retry_after(headers.get("retry-after")),
    )
