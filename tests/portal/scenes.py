"""Events and registrations in every state that a participant can meet."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from events.models import DirectoryConnection, Event, Question, Race
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from participants.domain.applicants import Applicant
from participants.domain.registration import register
from participants.domain.status import find_with_status, status_path
from participants.models import Registration, Step
from tests.support.factories import (
    DirectoryConnectionFactory,
    EventFactory,
    MaterialFactory,
    OrganizationFactory,
    QuestionFactory,
)

WINDOWS = {
    "not_yet_open": {"registration_opens_at": timedelta(days=1)},
    "open": {},
    "full": {"capacity": 0},
    "closed": {"registration_closes_at": timedelta(hours=-1)},
    "over": {"starts_at": timedelta(days=-2), "ends_at": timedelta(hours=-1)},
}

# What the steps of a journey look like, by the status that they add up to.
JOURNEYS: dict[str, dict[str, dict[str, Any]]] = {
    "registered": {"identity": {"state": "ready"}},
    "preparing": {
        "identity": {"state": "done", "attempts": 1},
        "membership": {"state": "done", "attempts": 1},
        "push": {"state": "claimed", "attempts": 1},
    },
    "ready": {
        "identity": {"state": "done", "attempts": 1},
        "membership": {"state": "done", "attempts": 1},
        "push": {"state": "done", "attempts": 1},
        "access": {"state": "done", "attempts": 1},
        "welcome": {"state": "claimed", "attempts": 1},
    },
    "failed": {
        "identity": {
            "state": "failed",
            "attempts": 1,
            "detail": "Contoso directory does not know ann@contoso.example.",
            "hint": "Your company's directory does not know this address. Register again with the right one.",
        },
    },
}

ANN = {"email": "ann@contoso.example", "given_name": "Ann", "family_name": "Lee"}


def stage_event(*, organization: Organization | None = None, window: str = "open", **fields: Any) -> Event:
    """An event whose registration is in the given state now."""
    organization = organization or OrganizationFactory()
    now = timezone.now()
    times = {name: now + value if isinstance(value, timedelta) else value for name, value in WINDOWS[window].items()}
    with organization_scope(organization.pk):
        directory = DirectoryConnection.objects.first() or DirectoryConnectionFactory()
        return EventFactory(**{"organization": organization, "directory": directory, **times, **fields})


def ask(event: Event, **fields: Any) -> Question:
    with organization_scope(event.organization_id):
        return QuestionFactory(event=event, **fields)


def offer(event: Event, **fields: Any) -> None:
    with organization_scope(event.organization_id):
        MaterialFactory(event=event, **fields)


def add_race(event: Event, **fields: Any) -> Race:
    """One that was made elsewhere, unless told otherwise."""
    with organization_scope(event.organization_id):
        details = {"name": "Spring race", "url": "https://races.example/spring", **fields}
        return Race.objects.create(organization=event.organization, event=event, **details)


def portal_path(event: Event) -> str:
    return f"/e/{event.organization.slug}/{event.slug}/"


def sign_up(event: Event, *, status: str = "registered", **details: str) -> Registration:
    """Somebody registered, with steps that stand where the status says."""
    applicant = Applicant(**{**ANN, "racer_alias": "", "answers": {}, **details})
    with organization_scope(event.organization_id):
        registration, _ = register(event=event, applicant=applicant)
        found = find_with_status(registration.pk)
    move_to(found, status)
    return found


def move_to(registration: Registration, status: str) -> None:
    with organization_scope(registration.organization_id):
        steps = Step.objects.filter(registration=registration)
        steps.update(state="blocked", attempts=0, detail="", hint="")
        for kind, fields in JOURNEYS[status].items():
            steps.filter(kind=kind).update(**fields)


def path_of(registration: Registration) -> str:
    with organization_scope(registration.organization_id):
        return status_path(registration)


def list_registrations(event: Event) -> list[Registration]:
    with organization_scope(event.organization_id):
        return list(Registration.objects.filter(event=event).select_related("participant"))
