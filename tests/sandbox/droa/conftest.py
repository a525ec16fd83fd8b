"""A seeded deployment with its administrator, and racers in it."""

from collections.abc import Callable

import pytest

from tests.sandbox.droa import world
from tests.sandbox.droa.racers import racer_id
from tests.sandbox.droa.world import Account, Api
from tests.support.sandbox import Sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """Without the tenant and the accounts of the other tests."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def deployment(sandbox: Sandbox) -> Sandbox:
    """At a standstill of the racing clock, which tests move by hand."""
    sandbox.seed(**world.seed())
    sandbox.knobs(racing_speed=0)
    return sandbox


@pytest.fixture
def account(deployment: Sandbox) -> Account:
    return Account(deployment)


@pytest.fixture
def admin(deployment: Sandbox) -> Api:
    return Api(deployment)


@pytest.fixture
def make_racer(deployment: Sandbox, account: Account) -> Callable[[str], Api]:
    """Of an alias with nothing but letters; the profile's id is the alias, filled up with zeros."""

    def make(alias: str) -> Api:
        account.create_racer(racer_id(alias), f"{alias}@contoso.example", ClientMetadata={"racerAlias": alias})
        return Api(deployment, f"{alias}@contoso.example")

    return make
