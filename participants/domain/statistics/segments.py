"""What people have in common, added up."""

from collections.abc import Iterable
from dataclasses import dataclass

from participants.domain.statistics.people import Person


@dataclass(frozen=True)
class Segment:
    """People of one kind. Money is in micro-dollars."""

    name: str
    registered: int
    got_in: int
    trained: int
    training_seconds: int
    spent: int

    @property
    def cost_per_trained(self) -> int | None:
        """None where nobody trained."""
        return divide(self.spent, self.trained)

    @property
    def cost_per_registered(self) -> int | None:
        return divide(self.spent, self.registered)

    @property
    def seconds_per_trained(self) -> int | None:
        return divide(self.training_seconds, self.trained)


@dataclass(frozen=True)
class Breakdown:
    """People by one thing that sets them apart; unless `is_exclusive`, one person may stand in several segments.

    `answered` of them said something at all; the segment of those who did not comes last and is named `silence`.
    """

    title: str
    segments: list[Segment]
    answered: int
    silence: str
    is_exclusive: bool = True


def add_up(name: str, people: Iterable[Person]) -> Segment:
    people = list(people)
    return Segment(
        name=name,
        registered=len(people),
        got_in=sum(each.got_in for each in people),
        trained=sum(each.has_trained for each in people),
        training_seconds=sum(each.training_seconds for each in people),
        spent=sum(each.spent for each in people),
    )


def divide(amount: int, number: int) -> int | None:
    """Rounded half up, like money is."""
    return (2 * amount + number) // (2 * number) if number else None
