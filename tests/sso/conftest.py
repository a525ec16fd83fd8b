from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.sandbox.sign_on.keys import SigningKey, make_signing_key
from tests.sso.crooked import CrookedProvider
from tests.support.oidc_provider import run_provider


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """A real OpenID Connect provider."""
    with run_provider() as address:
        yield address


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
