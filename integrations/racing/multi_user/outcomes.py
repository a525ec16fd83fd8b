"""One outcome for each, where the service serves one after another."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

from integrations.errors import IntegrationError
from integrations.racing.multi_user.refusals import GONE, IN_USE, INVALID, NOT_ACTIVE

Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")

# Refusals that concern one item. "Invalid" is what botocore itself does not send.
_PERSONAL = {GONE, IN_USE, INVALID, NOT_ACTIVE, "Invalid"}
# One call in ten may fail; when this many in a row do, the next would too.
FAILURES_IN_A_ROW = 3


def serve(items: Sequence[Item], work: Callable[[Item], Result]) -> dict[Item, Result | IntegrationError]:
    """A refusal that would meet the next item as well is the outcome of all that are left, without a call for them."""
    outcomes: dict[Item, Result | IntegrationError] = {}
    in_a_row = 0
    for item in dict.fromkeys(items):
        try:
            outcomes[item] = work(item)
            in_a_row = 0
        except IntegrationError as error:
            outcomes[item] = error
            in_a_row = 0 if error.code in _PERSONAL else in_a_row + 1
            if in_a_row and (error.permanent or in_a_row == FAILURES_IN_A_ROW):
                return dict.fromkeys(items, error) | outcomes
    return outcomes


def forgive_gone(outcomes: Mapping[str, IntegrationError | None]) -> dict[str, IntegrationError | None]:
    """Who is to go and is gone is as they should be."""
    return {item: None if error is not None and error.code == GONE else error for item, error in outcomes.items()}
