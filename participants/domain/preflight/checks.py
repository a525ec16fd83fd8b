"""What a preflight looks at: checks, each of which finds one light."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

# What makes an event's groups, permission sets and assignments, in an advice.
SET_UP = "“Set up access now” on the event's page"


class Light(StrEnum):
    WAITING = "waiting"  # not looked at yet
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    SKIPPED = "skipped"  # could not be looked at, because something else is red


LIGHTS = [light.value for light in Light]


class Finding(NamedTuple):
    """`advice` says what was found and, unless that is fine, what to do."""

    light: Light
    advice: str


def green(advice: str) -> Finding:
    return Finding(Light.GREEN, advice)


def amber(advice: str) -> Finding:
    return Finding(Light.AMBER, advice)


def red(advice: str) -> Finding:
    return Finding(Light.RED, advice)


@dataclass(frozen=True)
class Check:
    """`look` only reads, may raise IntegrationError, and runs outside any transaction.

    `needs` names earlier checks: while one is red, this one could but repeat it.
    """

    name: str
    group: str
    title: str
    look: Callable[[], Finding]
    needs: tuple[str, ...] = ()


def find_worst(lights: Iterable[str]) -> Light:
    """The verdict on all of them. What was skipped has its cause among the others."""
    lights = set(lights)
    order = (Light.RED, Light.WAITING, Light.AMBER, Light.SKIPPED)
    return next((light for light in order if light in lights), Light.GREEN)
