"""Making the demonstration's events, and what has happened in them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from events.domain.questions import add_built_in_questions
from events.models import Event, EventAccount, Material, Question, Race
from paddock.tenancy.models import Organization
from participants.demonstration.programme import (
    ABOUT,
    CLOUD,
    CONTOSO,
    FABRIKAM,
    FULL,
    MATERIALS,
    RUNNING,
    SUMMER,
    TEAM_QUESTIONS,
    Plan,
)
from participants.demonstration.running import CENT, ensure_price, fill_running_event
from participants.demonstration.tenants import Connections
from participants.domain.applicants import Applicant
from participants.domain.registration import register


def ensure_contoso_events(organization: Organization, rows: Connections) -> list[Event]:
    events = _ensure_events(organization, rows, CONTOSO)
    _ensure_questions(events[SUMMER], TEAM_QUESTIONS)
    Race.objects.get_or_create(
        event=events[SUMMER],
        name="Qualifying: re:Invent 2018",
        defaults={"url": "https://us-east-1.console.aws.amazon.com/deepracer/home?region=us-east-1#leaderboards"},
    )
    fill_running_event(events[RUNNING])
    ensure_price(rows.account, training_hour=350 * CENT)
    return list(events.values())


def ensure_fabrikam_events(organization: Organization, rows: Connections) -> list[Event]:
    events = _ensure_events(organization, rows, FABRIKAM)
    for name in ("Amina Okafor", "Jonas Lind"):
        given_name, family_name = name.split()
        email = f"{given_name.lower()}.{family_name.lower()}@fabrikam.example"
        register(event=events[FULL], applicant=Applicant(email, given_name, family_name, "", {}))
    for account, training_hour in zip(rows.accounts, (350 * CENT, 120 * CENT), strict=True):
        ensure_price(account, training_hour=training_hour)
    return list(events.values())


def _ensure_events(organization: Organization, rows: Connections, plans: Sequence[Plan]) -> dict[str, Event]:
    """By their slugs. The one at DeepRacer on AWS has an account of its own."""
    deployment = replace(rows, account=rows.accounts[-1])
    return {plan.slug: _ensure_event(organization, deployment if plan.slug == CLOUD else rows, plan) for plan in plans}


def _ensure_event(organization: Organization, rows: Connections, plan: Plan) -> Event:
    """Dates move along with each start, so that an open event stays open however old the state folder is."""
    opens_at, closes_at = (_count_from_now(days) for days in plan.open)
    starts_at, ends_at = (_on_the_hour(_count_from_now(days)) for days in plan.runs)
    moving = {
        "registration_opens_at": opens_at,
        "registration_closes_at": closes_at,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    fixed = {
        "title": plan.title,
        "summary": plan.summary,
        "description": ABOUT,
        "time_zone": "Europe/Berlin",
        "is_published": True,
        "directory": rows.directory,
    }
    event, created = Event.objects.update_or_create(
        organization=organization, slug=plan.slug, defaults=moving, create_defaults=moving | fixed | plan.fields
    )
    if created:
        _furnish(event, rows)
    return event


def _furnish(event: Event, rows: Connections) -> None:
    EventAccount.objects.create(organization_id=event.organization_id, event=event, sponsoring_account=rows.account)
    add_built_in_questions(event=event)
    Material.objects.bulk_create(
        [
            Material(organization_id=event.organization_id, event=event, position=position, **material)
            for position, material in enumerate(MATERIALS)
        ]
    )


def _count_from_now(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def _ensure_questions(event: Event, questions: list[dict[str, Any]]) -> None:
    Question.objects.bulk_create(
        [
            Question(organization_id=event.organization_id, event=event, position=position, **question)
            for position, question in enumerate(questions, start=10)
        ],
        ignore_conflicts=True,
    )


def _on_the_hour(moment: datetime) -> datetime:
    return moment.replace(hour=8, minute=0, second=0, microsecond=0)
