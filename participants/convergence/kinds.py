"""The kinds of steps: what each needs, how many one call takes, and who does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from participants.convergence.outcomes import Outcome
from participants.models import Step


class Handler(Protocol):
    """Answers one outcome for every step, keyed by the step's id.

    Runs outside any transaction. Must be safe to run again: it looks before it creates. May raise IntegrationError,
    which then stands for every step of the batch.
    """

    def __call__(self, steps: Sequence[Step]) -> dict[int, Outcome]: ...


@dataclass(frozen=True)
class StepKind:
    """`needs` names kinds of the same registration or of its event that must be done before, where they exist.

    `together` is for calls that serve everybody who waits: once one step is due, all that are ready are taken, and a
    new one lingers a moment for company.
    """

    name: str
    title: str  # for organizers
    promise: str  # for the participant: what this step does
    batch_size: int
    handler: Handler
    needs: tuple[str, ...] = ()
    together: bool = False


_kinds: dict[str, StepKind] = {}


def step_kind(
    name: str, *, title: str, promise: str, batch_size: int, needs: tuple[str, ...] = (), together: bool = False
) -> Callable[[Handler], Handler]:
    """Register the decorated handler as a kind of step."""

    def register(handler: Handler) -> Handler:
        _kinds[name] = StepKind(name, title, promise, batch_size, handler, needs, together)
        return handler

    return register


def get_kind(name: str) -> StepKind:
    return _kinds[name]


def list_kinds() -> list[StepKind]:
    """In the order of the journey."""
    return list(_kinds.values())


def list_dependents(name: str) -> list[StepKind]:
    return [kind for kind in _kinds.values() if name in kind.needs]
