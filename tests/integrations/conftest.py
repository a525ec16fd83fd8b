"""The sandbox for a whole run, emptied and seeded for every test that asks for it."""

from collections.abc import Iterator

import pytest

from integrations import aws, throttle
from integrations.directories.entra import tokens
from tests.integrations import world
from tests.support import services
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(
    running_sandbox: Sandbox, settings: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """As a process sees it that has just started: no session, client or token of an earlier test is left."""
    running_sandbox.reset()
    running_sandbox.seed(**world.seed())
    for name, value in running_sandbox.environment().items():
        monkeypatch.setenv(name, value)
    settings.GRAPH_ENDPOINT = f"{running_sandbox.url}/graph"
    settings.ENTRA_LOGIN_ENDPOINT = f"{running_sandbox.url}/login"
    forget_everything()
    yield running_sandbox
    forget_everything()


def forget_everything() -> None:
    tokens.token_source.cache_clear()
    aws._build_client.cache_clear()
    aws._build_session.cache_clear()
    throttle.shared_throttle.cache_clear()


@pytest.fixture(scope="session")
def valkey_url() -> str:
    return services.broker_url()
