"""An event in full swing: people of every kind, what they used, and what went wrong."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from events.domain.lookup import load_event
from events.domain.questions import add_built_in_questions
from events.models import Event, ParticipantGroup, SponsoringAccount
from paddock.audit.recording import record
from paddock.money import MICROS
from paddock.tenancy.scope import organization_scope
from participants.domain.operations import start_operation
from participants.models import RacerProfile, Registration, Step, UsageDay
from tests.admin.stage import Tenant, enter, set_steps
from tests.support.budgets import set_budget
from tests.support.factories import QuestionFactory

HOUR_PRICE = 3_500_000
DAYS = 12
TEAMS = ["Engineering", "Finance", "Sales"]
NAMES = ["Amina Okafor", "Jonas Lind", "Mei Tanaka", "Luca Ferrari", "Sofia Almeida", "Ravi Menon", "Clara Novak"]


def use(registration: Registration, hours: float, *, days_ago: int = 0, event: Event | None = None) -> RacerProfile:
    """Let somebody have trained so long for their event, at 3.50 dollars an hour."""
    with organization_scope(registration.organization_id):
        profile = find_racer(registration)
        UsageDay.objects.create(
            profile=profile,
            event=event or registration.event,
            day=(timezone.now() - timedelta(days=days_ago)).date(),
            training_seconds=round(hours * 3600),
            training_hour_price=HOUR_PRICE,
            storage_gigabyte_month_price=days_ago,  # so that each stands in a row of its own
            as_of=timezone.now(),
        )
    return profile


def find_racer(registration: Registration) -> RacerProfile:
    """The racer of a registration, as the service knows them."""
    profile, _ = RacerProfile.objects.get_or_create(
        participant=registration.participant, sponsoring_account=registration.account.sponsoring_account
    )
    if not profile.service_id:
        profile.service_id, profile.seen_at = f"racer-{profile.pk}", timezone.now()
        profile.save()
    return profile


def let_in(registration: Registration) -> None:
    set_steps(registration, "access", state=Step.State.DONE, attempts=1, done_at=timezone.now())


def answer(registration: Registration, **answers: Any) -> None:
    with organization_scope(registration.organization_id):
        Registration.objects.filter(pk=registration.pk).update(answers=answers)


def fill_event(tenant: Tenant, *, people: int = 30, budget: float = 400) -> None:
    """Nine in ten got in, seven in ten trained, most of them in a team; a few things need a hand."""
    event, now = tenant.event, timezone.now()
    with organization_scope(tenant.organization.pk):
        add_built_in_questions(event=event)
        QuestionFactory(event=event, key="team", label="Which team?", kind="choice", choices=TEAMS, position=9)
        Event.objects.filter(pk=event.pk).update(starts_at=now - timedelta(days=DAYS), expected_participants=40)
        SponsoringAccount.objects.update(synced_at=now)
        groups = [ParticipantGroup.objects.create(event=event, name=name) for name in ("Berlin", "Lisbon")]
    for number in range(people):
        _add_racer(event, number, groups[number % 2] if number % 5 else None)
    set_budget(event, budget, (50, "alert"), (80, "alert"), (100, "freeze"))
    _add_troubles(tenant)


def _add_racer(event: Event, number: int, group: ParticipantGroup | None) -> None:
    registration = enter(event, f"racer{number}@contoso.example")
    given_name, family_name = NAMES[number % len(NAMES)].split()
    with organization_scope(event.organization_id):
        type(registration.participant).objects.filter(pk=registration.participant_id).update(
            given_name=given_name, family_name=f"{family_name} {number}"
        )
        Registration.objects.filter(pk=registration.pk).update(group=group, quota_minutes=600)
    levels = ["New to it", "New to it", "Some knowledge", "Expert"]
    if number % 6:
        answer(registration, ai_ml_level=levels[number % 4], new_to_aws=number % 3 == 0, team=TEAMS[number % 3])
    if number % 10 != 9:
        let_in(registration)
    if number % 10 < 7:
        for day in range(number % 4, DAYS, 3):
            use(registration, 0.4 + (number * 7 + day * 5) % 9 / 4, days_ago=day)
    if number % 10 == 0:
        with organization_scope(event.organization_id):
            RacerProfile.objects.filter(participant=registration.participant).update(
                queued_seconds=5400, queued_since=timezone.now()
            )


def _add_troubles(tenant: Tenant) -> None:
    with organization_scope(tenant.organization.pk):
        event = load_event(tenant.event.pk)
        people = list(Registration.objects.filter(event=event).order_by("-pk"))
        account = people[0].account.sponsoring_account
        for number in range(3):
            RacerProfile.objects.create(sponsoring_account=account, alias=f"ghost-{number}", service_id=f"g{number}")
        start_operation(
            event=event,
            title="Change the quota of 12 people",
            reason="The finals are on Friday",
            actor=None,
            registrations=[each.pk for each in people[:12]],
            kinds=["sponsorship"],
        )
        Step.objects.filter(kind="sponsorship", registration__in=people[:7]).update(state=Step.State.DONE)
        record(
            actor=None,
            action="changed the quota of 12 people",
            about=event,
            event_id=event.pk,
            reason="The finals are on Friday",
        )
    for each in people[:2]:
        set_steps(each, "identity", state="failed", attempts=3, detail="The directory knows nobody by this address.")


def micros(dollars: float) -> int:
    return round(dollars * MICROS)
