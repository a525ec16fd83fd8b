"""Calls that are repeated in place: for how long, after which pauses, and which never."""

from collections.abc import Sequence

import pytest

from integrations import repetition
from integrations.errors import IntegrationError
from integrations.repetition import LONGEST_WAIT_SECONDS, TRIES, Answers, repeat_read, repeat_refused

BUSY = IntegrationError("Busy.", retry_after=1)
SILENT = IntegrationError("No answer.", retry_after=10, code="NoAnswer")
AWAY = IntegrationError("Away.")
TOO_LONG = IntegrationError("Come tomorrow.", retry_after=LONGEST_WAIT_SECONDS + 1)
NEVER = IntegrationError("Never.", permanent=True)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(repetition, "sleep", pauses.append)
    return pauses


def read_after(*errors: IntegrationError) -> str:
    left = list(errors)

    @repeat_read
    def read() -> str:
        if left:
            raise left.pop(0)
        return "read"

    return read()


def test_a_provider_is_given_the_time_that_it_asks_for(pauses: list[float]) -> None:
    assert read_after(BUSY, BUSY) == "read"
    assert pauses == [1, 1]


@pytest.mark.parametrize("error", [SILENT, AWAY])
def test_without_a_time_the_pauses_are_short_and_grow(error: IntegrationError, pauses: list[float]) -> None:
    assert read_after(error, error, error) == "read"
    assert all(0 < shorter < longer < 1 for shorter, longer in zip(pauses[:1], pauses[2:], strict=True))


@pytest.mark.parametrize("error", [NEVER, TOO_LONG])
def test_what_no_short_wait_will_help_is_not_repeated(error: IntegrationError, pauses: list[float]) -> None:
    with pytest.raises(IntegrationError) as raised:
        read_after(error)
    assert (raised.value, pauses) == (error, [])


def test_it_ends(pauses: list[float]) -> None:
    with pytest.raises(IntegrationError):
        read_after(*[BUSY] * TRIES)
    assert len(pauses) == TRIES - 1


def test_those_who_were_refused_in_passing_are_asked_for_again(pauses: list[float]) -> None:
    asked: list[list[str]] = []
    coming = {"ann": [BUSY, AWAY, None], "ben": [NEVER], "cem": [None], "dan": [TOO_LONG]}

    def change(keys: Sequence[str]) -> Answers:
        asked.append(list(keys))
        return {key: coming[key].pop(0) for key in keys}

    assert repeat_refused(change, list(coming)) == {"ann": None, "ben": NEVER, "cem": None, "dan": TOO_LONG}
    assert asked == [["ann", "ben", "cem", "dan"], ["ann"], ["ann"]]
    assert pauses[0] == 1
    assert 0 < pauses[1] < 1
