"""The demonstration's API keys. Like its passwords they follow from the deployment's own key."""

import base64
import hashlib
import hmac
from dataclasses import asdict, dataclass

from django.conf import settings

from paddock.api.keys import store
from paddock.api.models import ApiKey
from paddock.api.scopes import READ, SCOPES
from paddock.tenancy.models import Organization

EVERYTHING = [scope for scope, _ in SCOPES]
KEYS = {"Full access": EVERYTHING, "Read only": [scope for scope in EVERYTHING if scope.endswith(f":{READ}")]}


@dataclass(frozen=True)
class Key:
    organization: str
    name: str
    key: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def ensure_keys(organization: Organization) -> list[Key]:
    """A full and a read-only one. Runs inside the organization's scope."""
    return [_ensure_key(organization, name, scopes) for name, scopes in KEYS.items()]


def _ensure_key(organization: Organization, name: str, scopes: list[str]) -> Key:
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"{organization.slug}: {name}".encode(), hashlib.sha256)
    key = ApiKey.objects.filter(name=name).first() or ApiKey(name=name)
    key.scopes = scopes
    token = store(key, prefix=digest.hex()[:8], secret=base64.urlsafe_b64encode(digest).decode().rstrip("="))
    return Key(organization.slug, name, token)
