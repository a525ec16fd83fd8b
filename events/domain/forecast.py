"""What an event would ask of its sponsoring accounts if everybody who is expected came."""

import math
from dataclasses import dataclass

# How many of a crowd train at the same time: on an ordinary day, in the evening before a race closes, at a kick-off.
CROWDS = {"On a quiet day": 0.1, "Before a race closes": 0.3, "Everybody at once": 1.0}
JOB_MINUTES = 60  # what racers choose most
MODEL_BYTES = 1_000_000_000  # a trained model with its checkpoints, roughly
MONTHS_KEPT = 1


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
        crowds=[_gather(assumptions, name, share) for name, share in CROWDS.items()],
        worst_cost=_cost_at_worst(assumptions),
        minutes_needed=_minutes_for_all(assumptions),
    )


def _gather(assumptions: Assumptions, name: str, share: float) -> Crowd:
    jobs, places = math.ceil(assumptions.people * share), max(assumptions.training_jobs, 1)
    rounds_before_the_last = max(math.ceil(jobs / places) - 1, 0)
    return Crowd(name, jobs, max(jobs - places, 0), rounds_before_the_last * JOB_MINUTES)


def _cost_at_worst(assumptions: Assumptions) -> int | None:
    """Everybody uses up their minutes, and keeps every model that they may for a month."""
    if assumptions.quota_minutes is None or assumptions.training_hour is None:
        return None
    training = assumptions.people * assumptions.quota_minutes * assumptions.training_hour // 60
    gigabytes = assumptions.people * (assumptions.quota_models or 0) * MODEL_BYTES / 1_000_000_000
    return training + int(gigabytes * MONTHS_KEPT * (assumptions.storage_gigabyte_month or 0))


def _minutes_for_all(assumptions: Assumptions) -> int | None:
    if assumptions.quota_minutes is None:
        return None
    return math.ceil(assumptions.people * assumptions.quota_minutes / max(assumptions.training_jobs, 1))
