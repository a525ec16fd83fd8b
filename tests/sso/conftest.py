from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from integrations.sandbox.sign_on.keys import SigningKey, make_signing_key
from tests.sso.crooked import CrookedProvider
from tests.support.sandbox import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """A real OpenID Connect provider, as a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "integrations.sandbox.sign_on.oidc", "--port", str(port)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    _wait_for(process, address)
    yield address
    process.terminate()
    process.communicate(timeout=START_SECONDS)


@pytest.fixture(scope="session")
def _crooked_server() -> Iterator[CrookedProvider]:
    server = CrookedProvider().start()
    yield server
    server.stop()


@pytest.fixture
def crooked(_crooked_server: CrookedProvider) -> CrookedProvider:
    _crooked_server.reset()
    return _crooked_server


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return make_signing_key()


@pytest.fixture(scope="session")
def other_key() -> SigningKey:
    return make_signing_key("somebody else")


def _wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    assert process.stdout
    line = process.stdout.readline()  # it writes one when it listens, and none where it fails
    assert b"ready" in line, process.poll()
    assert time.monotonic() < deadline
    requests.get(f"{address}/.well-known/openid-configuration", timeout=START_SECONDS).raise_for_status()
