"""The demonstration's event whose people register in a portal of Contoso's own, with AppSync and DynamoDB."""

from typing import Any

from events.domain.questions import AI_ML_LEVEL, NEW_TO_AWS
from events.models import Event, Intake, IntakeAnswer
from participants.demonstration.tenants import REGION, Tenant

TABLE = "contoso-racing-portal-registrations"
PEOPLE = """\
Adele Nkemdirim · Boris Jansen · Camille Roux · Daniel Osei · Emma Lindgren · Farid Haddad · Giulia Conti
Hana Suzuki · Ivan Kovac · Julia Brandt · Kofi Mensah · Lea Fischer · Marco Silva · Nadia Rahimi · Omar Aziz
Paula Gomez · Rafael Costa · Signe Dahl · Thabo Nkosi · Ulla Virtanen · Viktor Horvat · Wanda Kowalska
Yusuf Demir · Zoe Papadaki"""
LEVELS = ["new", "some", "daily"]
# What a portal collects over the years. The first one has no name, which the address makes up for.
ODD_ONES: list[dict[str, Any]] = [
    {"id": "odd-1", "email": "petra.odd@contoso.example"},
    {"id": "odd-2", "mail": "old.form@contoso.example", "firstName": "Old", "lastName": "Form"},
    {"id": "odd-3", "email": "quentin at contoso", "firstName": "Quentin", "lastName": "Typo"},
    {"id": "odd-4", "email": "rosa.list@contoso.example", "firstName": ["Rosa", "Maria"], "lastName": "List"},
    {"id": "odd-5", "email": "sam.level@contoso.example", "name": "Level, Sam", "aiMlLevel": "guru"},
]


def list_items() -> list[dict[str, Any]]:
    names = [name for line in PEOPLE.splitlines() for name in line.split(" · ")]
    return [_to_item(name, number) for number, name in enumerate(names)] + ODD_ONES


def _to_item(name: str, number: int) -> dict[str, Any]:
    given_name, family_name = name.split()
    email = f"{given_name}.{family_name}@contoso.example".lower()
    return {
        "id": email,
        "email": email,
        "firstName": given_name,
        "lastName": family_name,
        "racerAlias": f"{given_name}-{number}".lower(),
        "aiMlLevel": LEVELS[number % len(LEVELS)],
        "newToAws": number % 2 == 0,
    }


def role_arn(tenant: Tenant) -> str:
    return f"arn:aws:iam::{tenant.portal_account}:role/PaddockIntake"


def describe_table(tenant: Tenant) -> dict[str, Any]:
    """For the sandbox's seed."""
    return {
        "account_id": tenant.portal_account,
        "region": REGION,
        "name": TABLE,
        "readers": [role_arn(tenant)],
        "items": list_items(),
    }


def ensure_intake(event: Event, tenant: Tenant) -> Intake:
    """May run again: whatever somebody has changed meanwhile stays."""
    intake, created = Intake.objects.get_or_create(
        event=event,
        defaults={"table_name": TABLE, "region": REGION, "role_arn": role_arn(tenant), "is_enabled": True},
    )
    if created:
        questions = {question.key: question for question in event.questions.all()}
        words = {"new": "New to it", "some": "Some knowledge", "daily": "Working with it"}
        for attribute, key, meanings in (("aiMlLevel", AI_ML_LEVEL, words), ("newToAws", NEW_TO_AWS, {})):
            IntakeAnswer.objects.create(intake=intake, attribute=attribute, question=questions[key], words=meanings)
    return intake
