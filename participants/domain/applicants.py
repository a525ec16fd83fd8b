"""Who wants to register, and whether they can as they typed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from events.models import Event, Question
from participants.domain.answers import Answer, check_answers
from participants.domain.people import find_email_errors, find_name_errors
from participants.models.participant import validate_alias


class InvalidRegistration(Exception):
    """`errors` holds sentences by field; those about the event's questions stand under `answers`, by question."""

    def __init__(self, errors: dict[str, list[str]], answers: dict[str, list[str]]) -> None:
        super().__init__("The registration has errors.")
        self.errors = errors
        self.answers = answers


@dataclass(frozen=True)
class Applicant:
    """Who wants to register, as they typed it."""

    email: str
    given_name: str
    family_name: str
    racer_alias: str
    answers: Mapping[str, object]


def check_applicant(
    event: Event, questions: Sequence[Question], applicant: Applicant
) -> tuple[Applicant, dict[str, Answer]]:
    person = Applicant(
        email=applicant.email.strip(),
        given_name=applicant.given_name.strip(),
        family_name=applicant.family_name.strip(),
        racer_alias=applicant.racer_alias.strip(),
        answers=applicant.answers,
    )
    errors = {
        "email": _find_email_errors(event, person.email),
        "given_name": find_name_errors(person.given_name),
        "family_name": find_name_errors(person.family_name),
        "racer_alias": _find_alias_errors(person.racer_alias),
    }
    answers, answer_errors = check_answers(questions, applicant.answers)
    errors = {field: sentences for field, sentences in errors.items() if sentences}
    if errors or answer_errors:
        raise InvalidRegistration(errors, answer_errors)
    return person, answers


def find_errors(*, event: Event, applicant: Applicant) -> InvalidRegistration | None:
    """What registering would have against the applicant; whether there is a place is not looked at."""
    try:
        check_applicant(event, list(event.questions.all()), applicant)
    except InvalidRegistration as error:
        return error
    return None


def _find_email_errors(event: Event, email: str) -> list[str]:
    if errors := find_email_errors(email):
        return errors
    domain = email.rpartition("@")[2].lower()
    if event.allowed_email_domains and domain not in event.allowed_email_domains:
        return [f"Use your address at {' or '.join(event.allowed_email_domains)}."]
    return []


def _find_alias_errors(alias: str) -> list[str]:
    try:
        if alias:
            validate_alias(alias)
    except ValidationError as error:
        return list(error.messages)
    return []
