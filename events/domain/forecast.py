"""What an event would ask of its sponsoring accounts if everybody who is expected came."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

# How many percent of a crowd train at once: on an ordinary day, in the evening before a race closes, at a kick-off.
CROWDS = {"On a quiet day": 10, "Before a race closes": 30, "Everybody at once": 100}
JOB_MINUTES = 60  # what racers choose most
MODEL_BYTES = 1_000_000_000  # a trained model with its checkpoints, roughly
GIGABYTE = 2**30  # as AWS bills it
MONTH_MINUTES = 730 * 60
MINUTES_KEPT = MONTH_MINUTES  # after the event, until somebody deletes them


@dataclass(frozen=True)
class Assumptions:
    """Of one sponsoring account. Prices are in micro-dollars; a quota of None is unlimited, a price of None unknown."""

    people: int
    training_jobs: int
    quota_minutes: int | None
    quota_models: int | None
    training_hour: int | None
    storage_gigabyte_month: int | None
    event_minutes: int


@dataclass(frozen=True)
class Crowd:
    """So many jobs at once: so many wait, the last of them so long."""

    name: str
    jobs: int
    waiting: int
    longest_wait_minutes: int


@dataclass(frozen=True)
class Forecast:
    """`worst_cost` is None without a quota or a price. `minutes_needed`: all quotas, with every place always taken."""

    assumptions: Assumptions
    crowds: list[Crowd]
    worst_cost: int | None
    minutes_needed: int | None

    @property
    def fits(self) -> bool:
        """Whether everybody could use up their quota while the event lasts."""
        return self.minutes_needed is not None and self.minutes_needed <= self.assumptions.event_minutes


def foresee(assumptions: Assumptions) -> Forecast:
    return Forecast(
        assumptions=assumptions,
        crowds=[_gather(assumptions, name, percent) for name, percent in CROWDS.items()],
        worst_cost=_cost_at_worst(assumptions),
        minutes_needed=_minutes_for_all(assumptions),
    )


def share_out(people: int, shares: Sequence[int]) -> list[int]:
    """How many of the people each account gets, all in all `people`: what `choose_account` makes of one after another.

    It gives nobody less than their exact share rounded down, so only what is left over has to be gone through.
    """
    total = sum(shares)
    parts = [people * share // total for share in shares]
    for _ in range(people - sum(parts)):
        emptiest = min(range(len(shares)), key=lambda index: Fraction(parts[index] + 1, shares[index]))
        parts[emptiest] += 1
    return parts


def _gather(assumptions: Assumptions, name: str, percent: int) -> Crowd:
    # In whole numbers: 70 * 0.1 is more than 7 to a computer.
    jobs, places = -(-assumptions.people * percent // 100), max(assumptions.training_jobs, 1)
    rounds_before_the_last = max(math.ceil(jobs / places) - 1, 0)
    return Crowd(name, jobs, max(jobs - places, 0), rounds_before_the_last * JOB_MINUTES)


def _cost_at_worst(assumptions: Assumptions) -> int | None:
    """Everybody uses up their minutes, and keeps every model that they may until a month after the event.

    Whoever may keep any number of models still needs training for each: a job an hour, for as long as the quota lasts.
    """
    if assumptions.quota_minutes is None or assumptions.training_hour is None:
        return None
    training = assumptions.people * assumptions.quota_minutes * assumptions.training_hour // 60
    if assumptions.storage_gigabyte_month is None:
        return None
    models = assumptions.quota_models
    if models is None:
        models = math.ceil(assumptions.quota_minutes / JOB_MINUTES)
    stored_bytes, minutes = assumptions.people * models * MODEL_BYTES, assumptions.event_minutes + MINUTES_KEPT
    storage = stored_bytes * minutes * assumptions.storage_gigabyte_month // (GIGABYTE * MONTH_MINUTES)
    return training + storage


def _minutes_for_all(assumptions: Assumptions) -> int | None:
    if assumptions.quota_minutes is None:
        return None
    return math.ceil(assumptions.people * assumptions.quota_minutes / max(assumptions.training_jobs, 1))
