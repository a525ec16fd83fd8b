"""What a person is known by: an e-mail address and two names."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Value
from django.db.models.functions import Lower

LONGEST_EMAIL = 254
LONGEST_NAME = 100
# IAM Identity Center takes no user whose names hold one of these.
FORBIDDEN_IN_NAMES = set("<>;:%")


def make_email_key(email: str) -> Lower:
    """PostgreSQL lowers the letter, as it did for the stored key: beyond ASCII Python would do it differently."""
    return Lower(Value(email.strip()))


def find_email_errors(email: str) -> list[str]:
    try:
        validate_email(email)
    except ValidationError:
        return ["Enter your e-mail address, such as ann@example.com."]
    return ["This address is too long."] if len(email) > LONGEST_EMAIL else []


def find_name_errors(name: str) -> list[str]:
    if not name:
        return ["Enter your name as your company's directory has it."]
    if len(name) > LONGEST_NAME:
        return [f"Use at most {LONGEST_NAME} characters."]
    if FORBIDDEN_IN_NAMES & set(name) or not name.isprintable():
        return ["A name cannot contain < > ; : % or control characters."]
    return []
