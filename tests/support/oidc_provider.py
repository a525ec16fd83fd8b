"""A real OpenID Connect provider, as a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.support.sandbox import free_port

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 60


@contextmanager
def run_provider() -> Iterator[str]:
    """Yields its issuer."""
    command = [sys.executable, "-m", "integrations.sandbox.sign_on.oidc", "--port", str(free_port())]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    try:
        line = process.stdout.readline()  # comes when it listens
        assert "ready on" in line, process.poll()
        yield line.split()[-1]
    finally:
        process.terminate()
        process.communicate(timeout=TIMEOUT_SECONDS)


def put_person(issuer: str, subject: str, **claims: Any) -> None:
    """Whoever signs in as this subject from now on is this person."""
    requests.put(f"{issuer}/users/{subject}", json=claims, timeout=TIMEOUT_SECONDS).raise_for_status()
