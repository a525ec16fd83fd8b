"""The settings of a real deployment, as values."""

import importlib
from typing import Any

import pytest

NEEDED = {"SITE_URL": "https://paddock.example", "ALLOWED_HOSTS": "paddock.example"}


def read_production(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    module = importlib.reload(importlib.import_module("paddock.settings.production"))
    return {name: getattr(module, name) for name in dir(module) if name.isupper()}
