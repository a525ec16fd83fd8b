"""Checks requests against the shapes of the service, more strictly than it may: nothing unknown passes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from integrations.sandbox.aws.deepracer.errors import invalid


class Shape(Protocol):
    def check(self, value: Any, path: str) -> None:
        """Raises DeepRacerError, which names the member."""


@dataclass(frozen=True)
class Text:
    pattern: str = ""
    longest: int | None = None
    choices: tuple[str, ...] = ()

    def check(self, value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise invalid(f"{path} must be a string.")
        if self.longest is not None and not 1 <= len(value) <= self.longest:
            raise invalid(f"{path} must have 1 to {self.longest} characters.")
        if self.choices and value not in self.choices:
            raise invalid(f"{path} must be one of {', '.join(self.choices)}.")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise invalid(f"{path} must satisfy the pattern {self.pattern}")


@dataclass(frozen=True)
class Whole:
    least: int | None = None
    most: int | None = None

    def check(self, value: Any, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid(f"{path} must be a whole number.")
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise invalid(f"{path} must be between {self.least} and {self.most}.")


@dataclass(frozen=True)
class Decimal:
    least: float | None = None

    def check(self, value: Any, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(f"{path} must be a number.")
        if self.least is not None and value < self.least:
            raise invalid(f"{path} must be at least {self.least}.")


@dataclass(frozen=True)
class Flag:
    def check(self, value: Any, path: str) -> None:
        if not isinstance(value, bool):
            raise invalid(f"{path} must be true or false.")


@dataclass(frozen=True)
class Many:
    of: Shape
    fewest: int = 0
    most: int | None = None

    def check(self, value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise invalid(f"{path} must be a list.")
        if len(value) < self.fewest or (self.most is not None and len(value) > self.most):
            raise invalid(f"{path} must have {self.fewest} to {self.most} members.")
        for position, member in enumerate(value):
            self.of.check(member, f"{path}[{position}]")


@dataclass(frozen=True)
class Structure:
    required: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)

    def check(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise invalid(f"{path or 'The request'} must be an object.")
        prefix = f"{path}." if path else ""
        for name in self.required:
            if value.get(name) is None:
                raise invalid(f"{prefix}{name} is required.")
        for name, member in value.items():
            shape = self.required.get(name) or self.optional.get(name)
            if shape is None:
                raise invalid(f"{prefix}{name} is not known.")
            shape.check(member, f"{prefix}{name}")
