"""The questions that every event starts with."""

from typing import Any

from events.models import Event, Question

AI_ML_LEVEL, NEW_TO_AWS = "ai_ml_level", "new_to_aws"
# The answer by which the statistics know newcomers.
NEW_TO_AI_ML = "New to it"

BUILT_IN: list[dict[str, Any]] = [
    {
        "key": AI_ML_LEVEL,
        "label": "How well do you know AI and machine learning?",
        "help_text": "There is no wrong answer: it helps us to pitch the training.",
        "kind": Question.Kind.CHOICE,
        "choices": [NEW_TO_AI_ML, "Some knowledge", "Working with it", "Expert"],
    },
    {"key": NEW_TO_AWS, "label": "Are you new to AWS?", "kind": Question.Kind.YES_NO},
]


def add_built_in_questions(*, event: Event) -> None:
    """Give a new event the built-in questions; those it already has stay as they are."""
    Question.objects.bulk_create(
        [
            Question(organization_id=event.organization_id, event=event, position=position, **question)
            for position, question in enumerate(BUILT_IN)
        ],
        ignore_conflicts=True,
    )
