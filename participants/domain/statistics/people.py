"""Everybody who took part in an event, with what a statistic asks of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from events.models import Event
from participants.domain.taking_part import find_everybody
from participants.domain.usage.figures import Spending, sum_ledger
from participants.models import UsageDay


@dataclass(frozen=True)
class Person:
    """`group` is empty for those in none. Money is in micro-dollars."""

    group: str
    answers: Mapping[str, Any]
    got_in: bool
    training_seconds: int
    spent: int

    @property
    def has_trained(self) -> bool:
        return self.training_seconds > 0


def list_people(*, event: Event) -> list[Person]:
    """Those who were removed took part all the same. Two queries."""
    used = sum_ledger(UsageDay.objects.filter(event=event), "profile__participant")
    rows = find_everybody(event=event).values_list("participant", "group__name", "answers", "got_in")
    return [_describe(used.get(pk, Spending()), group, answers, got_in) for pk, group, answers, got_in in rows]


def _describe(spending: Spending, group: str | None, answers: Mapping[str, Any], got_in: bool) -> Person:
    return Person(
        group=group or "",
        answers=answers,
        got_in=got_in,
        training_seconds=spending.training_seconds,
        spent=spending.spent,
    )
