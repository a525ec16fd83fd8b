"""Changing sponsored racers, many at a time. The service answers nothing: callers read back."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from integrations.chunks import chunks
from integrations.errors import IntegrationError
from integrations.racing.multi_user.client import MultiUserClient
from integrations.racing.multi_user.outcomes import serve
from integrations.racing.multi_user.quotas import write_limits
from integrations.racing.multi_user.refusals import GONE
from integrations.racing.protocol import Limits

# The service publishes no largest batch. A page of racers is what it handles elsewhere.
BATCH_SIZE = 100


class Action(StrEnum):
    """What the console's actions are called on the wire is inferred from what they do.

    RESTRICT is taken for "pause sponsorship": racers still see their models and submit them. DISABLE is taken for the
    end of a sponsorship.
    """

    RESUME = "ENABLE"
    PAUSE = "RESTRICT"
    REMOVE = "DISABLE"
    DELETE_MODELS = "DELETE_RESOURCES"
    SET_LIMITS = "SET_LIMITS"


@dataclass(frozen=True)
class Batch:
    """Racers of one call."""

    user_ids: tuple[str, ...]
    limits: Limits | None = None

    def halves(self) -> "list[Batch]":
        middle = len(self.user_ids) // 2
        return [Batch(self.user_ids[:middle], self.limits), Batch(self.user_ids[middle:], self.limits)]


def set_limits(client: MultiUserClient, limits: Mapping[str, Limits]) -> dict[str, IntegrationError | None]:
    return _manage(client, Action.SET_LIMITS, list(batches_of_equal_limits(limits)))


def batches_of_equal_limits(limits: Mapping[str, Limits]) -> Iterator[Batch]:
    racers_by_limits: dict[Limits, list[str]] = defaultdict(list)
    for user_id, wanted in limits.items():
        racers_by_limits[wanted].append(user_id)
    for wanted, user_ids in racers_by_limits.items():
        for some in chunks(user_ids, BATCH_SIZE):
            yield Batch(tuple(some), wanted)


def act(client: MultiUserClient, action: Action, user_ids: Sequence[str]) -> dict[str, IntegrationError | None]:
    everybody = list(dict.fromkeys(user_ids))
    return _manage(client, action, [Batch(tuple(some)) for some in chunks(everybody, BATCH_SIZE)])


def _manage(client: MultiUserClient, action: Action, batches: Sequence[Batch]) -> dict[str, IntegrationError | None]:
    outcomes: dict[str, IntegrationError | None] = {}
    for batch, outcome in serve(batches, lambda each: _call(client, action, each)).items():
        if outcome is not None and outcome.code == GONE and len(batch.user_ids) > 1:
            # Whoever is gone is found by halving, so that the others do not share their refusal.
            outcomes |= _manage(client, action, batch.halves())
        else:
            outcomes |= dict.fromkeys(batch.user_ids, outcome)
    return outcomes


def _call(client: MultiUserClient, action: Action, batch: Batch) -> None:
    request: dict[str, Any] = {"UserIds": list(batch.user_ids), "Action": action.value}
    if batch.limits is not None:
        request["Limits"] = write_limits(batch.limits)
    client.call("admin_manage_user", **request)
