"""What may become of a number that limits: it stays, is set, moves by so much, or no longer limits."""

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    KEEP = "keep"
    SET = "set"
    ADD = "add"
    UNLIMIT = "unlimit"


# More is beyond what the services count: they have no word for "unlimited" but a number above it.
LARGEST = 999_999


@dataclass(frozen=True)
class Adjustment:
    """`number` belongs to SET and ADD, where it may be negative."""

    how: How
    number: int = 0

    def apply(self, limit: int | None) -> int | None:
        """The new limit; None is no limit, which nothing can be added to."""
        match self.how:
            case How.KEEP:
                return limit
            case How.SET:
                return self.number
            case How.ADD:
                return None if limit is None else min(max(limit + self.number, 0), LARGEST)
            case How.UNLIMIT:
                return None


KEEP = Adjustment(How.KEEP)
UNLIMIT = Adjustment(How.UNLIMIT)


def set_to(number: int) -> Adjustment:
    return Adjustment(How.SET, number)


def add(number: int) -> Adjustment:
    return Adjustment(How.ADD, number)
