"""What a benchmark says: progress for people on the error output, one JSON line a figure on the standard one."""

import json
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """Without a goal it stands beside another one, which is measured by it."""

    name: str
    value: float
    unit: str
    goal: str = ""

    @property
    def is_met(self) -> bool:
        if not self.goal:
            return True
        sign, _, limit = self.goal.partition(" ")
        return self.value <= float(limit) if sign == "<=" else self.value >= float(limit)


def say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def report(figure: Figure) -> None:
    print(json.dumps(asdict(figure) | {"value": round(figure.value, 4)}), flush=True)
    if not figure.is_met:
        say(f"{figure.name} misses its goal of {figure.goal} {figure.unit}")
