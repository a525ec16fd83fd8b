"""Who wants to register, and whether they can as they typed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from events.models import Event, Question
from participants.domain.answers import Answer, check_answers
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


def _find_email_errors(event: Event, email: str) -> list[str]:
    try:
        validate_email(email)
    except ValidationError:
        return ["Enter your e-mail address, such as ann@example.com."]
    if len(email) > LONGEST_EMAIL:
        return ["This address is too long."]
    domain = email.rpartition("@")[2].lower()
    if event.allowed_email_domains and domain not in event.allowed_email_domains:
        return [f"Use your address at {' or '.join(event.allowed_email_domains)}."]
    return []


LONGEST_EMAIL = 254
# IAM Identity Center takes no user whose names hold one of these.
FORBIDDEN_IN_NAMES = set("<>;:%")


def find_name_errors(name: str) -> list[str]:
    if not name:
        return ["Enter your name as your company's directory has it."]
    if len(name) > 100:
        return ["Use at most 100 characters."]
    if FORBIDDEN_IN_NAMES & set(name) or not name.isprintable():
        return ["A name cannot contain < > ; : % or control characters."]
    return []


def _find_alias_errors(alias: str) -> list[str]:
    try:
        if alias:
            validate_alias(alias)
    except ValidationError as error:
        return list(error.messages)
    return []
