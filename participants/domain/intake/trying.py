"""A look at the first items of a portal's table, and what would become of them. Nothing is registered."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from events.domain.connections import open_table
from events.domain.lookup import load_event
from events.models import Event, Intake
from integrations.intake.dynamodb.items import Item, read_value
from integrations.intake.dynamodb.table import describe_table, key_of, scan_page
from participants.domain.applicants import Applicant, find_errors
from participants.domain.intake.mapping import Rules, Unmappable, load_rules, map_item
from participants.domain.intake.taking import word_errors

# So many are looked at, and so many shown: those that need a hand first.
ITEMS, SHOWN = 50, 8


@dataclass(frozen=True)
class Trial:
    """What one item would become: somebody who registers, or a reason why nobody does."""

    key: str
    applicant: Applicant | None
    answers: Mapping[str, object]
    reason: str


def try_items(*, intake: Intake) -> list[Trial]:
    """Raises IntegrationError, with a sentence about the role, the table or its stream."""
    config = open_table(intake)
    table = describe_table(config)
    page = scan_page(config, after=None, limit=ITEMS)
    event, rules = load_event(intake.event_id), load_rules(intake)
    prefetch_related_objects([event], "questions")
    trials = [_try(rules, event, item, show_key(key_of(item, table.key_names))) for item in page.items]
    return sorted(trials, key=lambda trial: not trial.reason)[:SHOWN]


def show_key(key: Item) -> str:
    return " · ".join(str(read_value(value)) for value in key.values())


def _try(rules: Rules, event: Event, item: Item, key: str) -> Trial:
    try:
        applicant = map_item(rules, item)
    except Unmappable as refusal:
        return Trial(key, None, {}, str(refusal))
    errors = find_errors(event=event, applicant=applicant)
    labels = {question.key: question.label for question in event.questions.all()}
    answers = {labels.get(name, name): answer for name, answer in applicant.answers.items()}
    return Trial(key, applicant, answers, word_errors(event, errors) if errors else "")
