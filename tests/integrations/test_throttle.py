"""Limits shared by processes, on a real Valkey."""

import subprocess
import sys
import threading
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.errors import IntegrationError
from integrations.throttle import Limit, Throttle
from tests.support.sandbox import ROOT

GREEDY = """
import sys, time
from integrations.errors import IntegrationError
from integrations.throttle import Limit, Throttle

throttle = Throttle(sys.argv[1])
deadline = time.monotonic() + 2.5
while time.monotonic() < deadline:
    before = time.time()
    try:
        throttle.acquire(Limit("shared", 20, 1), sys.argv[2], patience=0)
    except IntegrationError:
        continue
    print(before, time.time())
"""


def new_key() -> str:
    return uuid.uuid4().hex


def test_two_processes_together_never_exceed_the_limit(valkey_url: str) -> None:
    key = new_key()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", GREEDY, valkey_url, key],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "paddock.settings.test", "PATH": ""},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    grants: list[tuple[float, float]] = []
    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        for line in output.splitlines():
            asked, granted = map(float, line.split())
            grants.append((asked, granted))
    assert len(grants) >= 40
    for start, _ in grants:
        # Whatever was asked for after `start` and granted before the second was over, was granted within it.
        assert sum(asked >= start and granted < start + 1 for asked, granted in grants) <= 20


def test_waits_no_longer_than_its_patience_and_takes_nothing(valkey_url: str) -> None:
    throttle, limit, key = Throttle(valkey_url), Limit("five", 5, 60), new_key()
    throttle.acquire(limit, key, cost=3)
    began = time.monotonic()
    with pytest.raises(IntegrationError) as raised:
        throttle.acquire(limit, key, cost=3, patience=20)
    assert time.monotonic() - began < 20
    assert not raised.value.permanent
    assert 30 < (raised.value.retry_after or 0) <= 61
    throttle.acquire(limit, key, cost=2, patience=0)


def test_waits_for_its_turn(valkey_url: str) -> None:
    throttle, limit, key = Throttle(valkey_url), Limit("one", 1, 1), new_key()
    began = time.monotonic()
    for _ in range(2):
        throttle.acquire(limit, key)
    assert time.monotonic() - began >= 0.9


def test_keys_and_limits_do_not_share(valkey_url: str) -> None:
    throttle, key = Throttle(valkey_url), new_key()
    throttle.acquire(Limit("one", 1, 60), key, patience=0)
    throttle.acquire(Limit("one", 1, 60), new_key(), patience=0)
    throttle.acquire(Limit("other", 1, 60), key, patience=0)


@pytest.mark.parametrize("cost", [6, 0, -1])
def test_a_cost_that_is_never_granted_is_a_mistake(valkey_url: str, cost: int) -> None:
    with pytest.raises(ValueError, match="never grants"):
        Throttle(valkey_url).acquire(Limit("five", 5, 1), new_key(), cost=cost)


def test_an_unreachable_valkey_is_said_to_be_paddocks_own() -> None:
    with pytest.raises(IntegrationError, match="its own Valkey") as raised:
        Throttle("redis://127.0.0.1:9/0").acquire(Limit("one", 1, 1), new_key())
    assert not raised.value.permanent


@given(costs=st.lists(st.integers(1, 7), max_size=12), amount=st.integers(7, 20))
@hypothesis_settings(max_examples=30)
def test_grants_exactly_what_fits(valkey_url: str, costs: list[int], amount: int) -> None:
    throttle, limit, key = Throttle(valkey_url), Limit("any", amount, 600), new_key()
    left = amount
    for cost in costs:
        try:
            throttle.acquire(limit, key, cost=cost, patience=0)
            granted = True
        except IntegrationError:
            granted = False
        assert granted == (cost <= left)
        left -= cost if granted else 0


def test_threads_share_as_processes_do(valkey_url: str) -> None:
    throttle, limit, key = Throttle(valkey_url), Limit("ten", 10, 600), new_key()
    granted = []

    def try_often() -> None:
        for _ in range(5):
            try:
                throttle.acquire(limit, key, patience=0)
                granted.append(1)
            except IntegrationError:
                continue

    threads = [threading.Thread(target=try_often) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 10
