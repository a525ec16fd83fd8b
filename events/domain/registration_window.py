"""Whether people can register, and why not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from events.models import Event


class WindowState(StrEnum):
    NOT_YET_OPEN = "not_yet_open"
    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"
    OVER = "over"


@dataclass(frozen=True)
class RegistrationWindow:
    """`places_left` is None where there is no limit."""

    state: WindowState
    places_left: int | None

    @property
    def is_open(self) -> bool:
        return self.state is WindowState.OPEN


def look_at_window(event: Event, *, taken: int, now: datetime) -> RegistrationWindow:
    places_left = None if event.capacity is None else max(event.capacity - taken, 0)
    return RegistrationWindow(_find_state(event, places_left, now), places_left)


def _find_state(event: Event, places_left: int | None, now: datetime) -> WindowState:
    if event.is_over(now) or event.offboarding_at:
        return WindowState.OVER
    if now >= event.registration_closes_at:
        return WindowState.CLOSED
    if now < event.registration_opens_at:
        return WindowState.NOT_YET_OPEN
    return WindowState.FULL if places_left == 0 else WindowState.OPEN
