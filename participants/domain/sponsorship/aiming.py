"""From what is wanted to what this account's service can show, and whether it does."""

from dataclasses import dataclass

from integrations.racing.protocol import Capabilities, Limits, State
from participants.domain.sponsorship.wanted import Wanted


@dataclass(frozen=True)
class Aim:
    """What the service should show. `state` is None where it knows no pause."""

    limits: Limits
    state: State | None


def aim_at(wanted: Wanted, capabilities: Capabilities) -> Aim:
    """Where the service cannot pause, a quota of no minutes stands in for it."""
    if capabilities.pauses:
        return Aim(wanted.limits, State.PAUSED if wanted.is_paused else State.ACTIVE)
    if wanted.is_paused:
        return Aim(Limits(0, wanted.limits.models), None)
    return Aim(wanted.limits, None)


def is_reached(aim: Aim, *, limits: Limits, state: str) -> bool:
    return limits == aim.limits and (aim.state is None or state == aim.state)
