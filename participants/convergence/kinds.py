"""The kinds of steps: what each needs, how many one call takes, and who does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from participants.convergence.outcomes import Outcome
from participants.convergence.patience import Patience
from participants.convergence.working import Manner, Teller
from participants.models import Step


class Handler(Protocol):
    """Answers one outcome for every step, keyed by the step's id.

    Runs outside any transaction. Must be safe to run again: it looks before it creates. May raise IntegrationError,
    which then stands for every step of the batch.
    """

    def __call__(self, steps: Sequence[Step]) -> dict[int, Outcome]: ...


LINGER_SECONDS = 1.0


class Purpose(Enum):
    """A step that gives is void once its registration, or its event, is to go; one that takes back, unless it is."""

    GIVE = "give"
    TAKE = "take back"
    SERVE = "serve"  # neither


@dataclass(frozen=True)
class StepKind:
    """`needs` names kinds that must be done before, where they exist; `follows`, those that must have come to an end,
    well or not. They are meant of the same registration and of its event; a step of the event itself waits for all its
    registrations.

    `together` is for calls that serve everybody who waits: once one step is due, all that are ready are taken, and a
    new one lingers for company, `linger` seconds at most. Without `patience` a step is tried for as long as it takes.
    `tells` announces to others what its outcomes mean.
    """

    name: str
    title: str  # for organizers
    promise: str  # for the participant: what this step does
    batch_size: int
    handler: Handler
    needs: tuple[str, ...] = ()
    together: bool = False
    follows: tuple[str, ...] = ()
    purpose: Purpose = Purpose.GIVE
    patience: Patience | None = None
    linger: float = LINGER_SECONDS
    tells: Teller | None = None

    @property
    def manner(self) -> Manner:
        return Manner(self.name, self.handler, patience=self.patience, tells=self.tells)

    @property
    def is_first(self) -> bool:
        """Whether it waits for no other step."""
        return not self.needs and not self.follows


_kinds: dict[str, StepKind] = {}


def step_kind(
    name: str,
    *,
    title: str,
    promise: str,
    batch_size: int,
    needs: tuple[str, ...] = (),
    together: bool = False,
    follows: tuple[str, ...] = (),
    purpose: Purpose = Purpose.GIVE,
    patience: Patience | None = None,
    linger: float = LINGER_SECONDS,
    tells: Teller | None = None,
) -> Callable[[Handler], Handler]:
    """Register the decorated handler as a kind of step."""

    def register(handler: Handler) -> Handler:
        _kinds[name] = StepKind(
            name, title, promise, batch_size, handler, needs, together, follows, purpose, patience, linger, tells
        )
        return handler

    return register


def get_kind(name: str) -> StepKind:
    return _kinds[name]


def list_kinds() -> list[StepKind]:
    """In the order of the journey."""
    return list(_kinds.values())


def list_kinds_for(purpose: Purpose) -> list[str]:
    return [kind.name for kind in _kinds.values() if kind.purpose is purpose]


def list_dependents(name: str) -> list[StepKind]:
    return [kind for kind in _kinds.values() if name in kind.needs or name in kind.follows]
