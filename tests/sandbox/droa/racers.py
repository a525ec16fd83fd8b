"""Racers of the seeded deployment, and the sandbox's controls for what they do."""

from typing import Any

import requests

from tests.support.sandbox import Sandbox


def racer_id(alias: str) -> str:
    return alias.ljust(15, "0")


def control(deployment: Sandbox, action: str, **body: Any) -> Any:
    """One of the sandbox's racing controls."""
    answer = requests.post(f"{deployment.url}/sandbox/racing/{action}", json=body, timeout=30)
    assert answer.ok, answer.text
    return answer.json()
