"""Keys of the API, and a client that calls with one."""

import json
from typing import Any

from django.test import Client

from events.models import Event
from paddock.api.keys import issue
from paddock.api.models import ApiKey
from paddock.api.scopes import SCOPES
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope

EVERYTHING = [scope for scope, _ in SCOPES]
READING = [scope for scope in EVERYTHING if scope.endswith(":read")]


def make_key(organization: Organization, *, events: list[Event] | None = None, **fields: Any) -> str:
    """A new key of the organization; `events` limits it to chosen ones."""
    fields = {"name": "A program", "scopes": EVERYTHING, "all_events": events is None} | fields
    with organization_scope(organization.pk):
        key = ApiKey(organization=organization, **fields)
        token = issue(key)
        for event in events or []:
            key.chosen_events.create(event=event)  # type: ignore[attr-defined]
    return token


class Partner:
    """A program of an organization, with addresses beneath it."""

    def __init__(self, organization: Organization, token: str | None = None, **fields: Any) -> None:
        self.organization = organization
        self.token = make_key(organization, **fields) if token is None else token
        self.client = Client()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        address = path if path.startswith("http") else f"/api/v1/organizations/{self.organization.slug}/{path}"
        data = "" if body is None else json.dumps(body)
        return self.client.generic(method, address, data, content_type="application/json", headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("PATCH", path, body, **headers)
