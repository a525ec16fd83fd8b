"""One turn of a worker at a portal's table: what every part of it needs, and when it ends."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import transaction
from django.db.models import F, prefetch_related_objects

from events.domain.connections import open_table
from events.domain.lookup import load_event
from events.models import Event, Intake
from integrations.intake.dynamodb.refusals import TableConfig
from participants.domain.intake.claiming import Claim
from participants.domain.intake.mapping import Rules, load_rules
from participants.domain.intake.taking import Change, take_changes

Row = TypeVar("Row")
# A batch is one transaction, and holds the event: whoever registers on the portal waits for its end.
BATCH = 25
# Others have tables, too. What is left then is the next turn's.
TURN_SECONDS = 60.0


@dataclass
class Turn:
    intake: Intake
    claim: Claim
    ends_at: float = field(default_factory=lambda: time.monotonic() + TURN_SECONDS)

    @property
    def config(self) -> TableConfig:
        return open_table(self.intake)

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends_at

    def take(self, changes: Sequence[Change], **progress: object) -> None:
        """One transaction: the rows of the batch, and how far the table has been read with it."""
        with transaction.atomic():
            self.claim.renew(**progress)
            if changes:
                take_changes(rules=self.load_rules(), event=self.load_event(), changes=changes)

    def load_event(self) -> Event:
        """Afresh for each batch: it may have been closed or filled since the last one."""
        event = load_event(self.intake.event_id)
        prefetch_related_objects([event], "questions")
        return event

    def load_rules(self) -> Rules:
        return load_rules(self.intake)


def in_batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def add(name: str, rows: Iterable[object]) -> dict[str, object]:
    return {name: F(name) + len(list(rows))}
