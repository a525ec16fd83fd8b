"""Checking answers against an event's questions: one place for the form, the API and whatever comes."""

import math
from collections.abc import Callable, Iterable, Mapping

from events.models import Question

LONGEST_TEXT = 2000


class AnswerError(ValueError):
    """A sentence for the person who answered."""


Answer = str | int | float | bool | list[str]


def check_answers(
    questions: Iterable[Question], answers: Mapping[str, object]
) -> tuple[dict[str, Answer], dict[str, list[str]]]:
    """Returns the clean answers and the errors, both by the question's key. What was not answered is left out."""
    clean: dict[str, Answer] = {}
    errors: dict[str, list[str]] = {}
    for question in questions:
        try:
            answer = _check_answer(question, answers.get(question.key))
        except AnswerError as error:
            errors[question.key] = [str(error)]
            continue
        if answer is not None:
            clean[question.key] = answer
    known = {question.key for question in questions}
    errors |= {key: ["This event does not ask this."] for key in answers if key not in known}
    return clean, errors


def _check_answer(question: Question, value: object) -> Answer | None:
    if isinstance(value, str):
        value = value.strip()
    if value is None or value in ("", []):
        if question.required:
            raise AnswerError("Please answer this question.")
        return None
    return CHECKS[Question.Kind(question.kind)](question, value)


def _check_choice(question: Question, value: object) -> str:
    if not isinstance(value, str) or value not in question.choices:
        raise AnswerError(f"Choose one of: {', '.join(question.choices)}.")
    return value


def _check_choices(question: Question, value: object) -> list[str]:
    if not isinstance(value, list) or any(each not in question.choices for each in value):
        raise AnswerError(f"Choose any of: {', '.join(question.choices)}.")
    return [choice for choice in question.choices if choice in value]


def _check_text(question: Question, value: object) -> str:
    if not isinstance(value, str):
        raise AnswerError("Answer with a text.")
    if len(value) > LONGEST_TEXT:
        raise AnswerError(f"Use at most {LONGEST_TEXT} characters; these are {len(value)}.")
    if "\x00" in value:
        raise AnswerError("The text holds a character that cannot be stored.")
    return value


def _check_number(question: Question, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise AnswerError("Answer with a number.")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise AnswerError("Answer with a number.") from error
    if not math.isfinite(number):
        raise AnswerError("Answer with a number.")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _check_yes_no(question: Question, value: object) -> bool:
    words = {"yes": True, "true": True, "no": False, "false": False}
    answer = words.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(answer, bool):
        raise AnswerError("Answer with yes or no.")
    return answer


CHECKS: dict[Question.Kind, Callable[[Question, object], Answer]] = {
    Question.Kind.CHOICE: _check_choice,
    Question.Kind.CHOICES: _check_choices,
    Question.Kind.TEXT: _check_text,
    Question.Kind.NUMBER: _check_number,
    Question.Kind.YES_NO: _check_yes_no,
}
