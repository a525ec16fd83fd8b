"""One sandbox for the whole run, emptied and seeded for every test."""

from collections.abc import Iterator

import pytest

from tests.sandbox import world
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    running_sandbox.seed(**world.seed())
    return running_sandbox


@pytest.fixture
def graph(sandbox: Sandbox) -> world.Graph:
    return world.Graph(sandbox)


@pytest.fixture
def aws(sandbox: Sandbox) -> world.Aws:
    return world.Aws(sandbox)
