"""Requests, answers and error bodies as Microsoft Graph has them on the wire."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from integrations.sandbox.graph.store import Tenant


@dataclass(frozen=True)
class GraphRequest:
    """One request, whether it came alone or inside a ``$batch``. ``path`` begins after ``/v1.0``."""

    tenant: Tenant
    client_id: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    base_url: str = ""

    def text(self, name: str) -> str:
        """A required string of the JSON body; raises GraphError 400 when it is absent."""
        value = self.body.get(name) if isinstance(self.body, dict) else None
        if not isinstance(value, str) or not value:
            raise bad_request(f"A value must be provided for property '{name}'.")
        return value


@dataclass
class GraphAnswer:
    status: int
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


class GraphError(Exception):
    """A refusal, with Graph's error code and sentence."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})

    def answer(self) -> GraphAnswer:
        return GraphAnswer(self.status, error_body(self.code, self.message), self.headers)


def error_body(code: str, message: str) -> dict[str, Any]:
    request_id = str(uuid.uuid4())
    inner = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": request_id,
    }
    return {"error": {"code": code, "message": message, "innerError": inner}}


def bad_request(message: str, *, code: str = "Request_BadRequest") -> GraphError:
    return GraphError(400, code, message)


def not_found(resource_id: str) -> GraphError:
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{resource_id}' does not exist or one of its queried reference-property objects are not present.",
    )


def timestamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
