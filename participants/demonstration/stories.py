"""The demonstration's events, one for each state that a visitor may meet."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from events.domain.questions import add_built_in_questions
from events.models import Event, EventAccount, Material, Question, Race
from paddock.tenancy.models import Organization
from participants.demonstration.running import CENT, ensure_price, fill_running_event
from participants.demonstration.tenants import Connections
from participants.domain.applicants import Applicant
from participants.domain.registration import register

ABOUT = """\
Write a reward function, train a model and send it round the track: **no car, no experience, no cost to you**.

## How it goes

1. Register here with the address that you sign in with at work.
2. We open the racing account for you and check that it lets you in. That takes a minute or two.
3. You get a mail with one link. It signs you in and puts you at the start of your first lap.

## What you bring

- a browser and about three hours, in pieces if you like
- curiosity; half of last year's racers had never trained a model

Your company's racing league pays for the training. Each racer has a budget of hours, so drive them wisely.
"""

ABOUT_DEPLOYMENT = """\
The same track, the same cars, in an account of Fabrikam's own: **DeepRacer on AWS**.

## How it goes

1. Register here with your address at work.
2. We make your racer's profile, set your training time and check both. That takes a few seconds.
3. You get a mail with the address of the site and a one-time password. There you choose your own, and start training.
"""

PORTAL_EVENT = "portal-grand-prix"

MATERIALS: list[dict[str, Any]] = [
    {
        "group": "Before the race",
        "title": "What reinforcement learning is, in ten minutes",
        "url": "https://docs.aws.amazon.com/deepracer/latest/developerguide/deepracer-basic-concepts.html",
    },
    {
        "group": "Before the race",
        "title": "A first reward function",
        "text": "Start with the centre line: reward being close to it, and nothing else.\n\n"
        "```python\ndef reward_function(params):\n    drift = params['distance_from_center'] / params['track_width']\n"
        "    return 1.0 if drift < 0.1 else 0.5 if drift < 0.25 else 1e-3\n```",
    },
    {
        "group": "On race day",
        "title": "Reading the training graph",
        "text": "The reward may jump about; watch whether *completion* climbs. "
        "If it stays flat for half an hour, stop and change one thing.",
    },
]

TEAM_QUESTIONS: list[dict[str, Any]] = [
    {
        "key": "team",
        "label": "Which team do you race for?",
        "kind": Question.Kind.CHOICE,
        "choices": ["Engineering", "Finance", "Operations", "Sales", "Somewhere else"],
    },
    {
        "key": "days",
        "label": "Which days can you join?",
        "help_text": "Choose as many as you like.",
        "kind": Question.Kind.CHOICES,
        "choices": ["Tuesday", "Wednesday", "Thursday"],
    },
    {"key": "years", "label": "For how many years have you written code?", "kind": Question.Kind.NUMBER},
    {"key": "wish", "label": "What would you like to learn?", "kind": Question.Kind.TEXT},
]


def ensure_contoso_events(organization: Organization, rows: Connections) -> list[Event]:
    now = timezone.now()
    summer = _ensure_event(
        organization,
        rows,
        slug="summer-cup",
        title="Summer Cup",
        summary="Teach a car to race itself: the company-wide machine-learning event.",
        window=(now - timedelta(days=3), now + timedelta(days=60)),
        dates=(now + timedelta(days=14), now + timedelta(days=62)),
        capacity=2000,
        allows_guests=True,
    )
    _ensure_questions(summer, TEAM_QUESTIONS)
    Race.objects.get_or_create(
        event=summer,
        name="Qualifying: re:Invent 2018",
        defaults={"url": "https://us-east-1.console.aws.amazon.com/deepracer/home?region=us-east-1#leaderboards"},
    )
    colleagues = _ensure_event(
        organization,
        rows,
        slug="lunch-laps",
        title="Lunch Laps",
        summary="Half an hour, every day, for colleagues only.",
        window=(now - timedelta(days=1), now + timedelta(days=30)),
        dates=(now + timedelta(days=3), now + timedelta(days=33)),
    )
    later = _ensure_event(
        organization,
        rows,
        slug="winter-series",
        title="Winter Series",
        summary="Six evenings, six tracks.",
        window=(now + timedelta(days=20), now + timedelta(days=50)),
        dates=(now + timedelta(days=60), now + timedelta(days=120)),
    )
    past = _ensure_event(
        organization,
        rows,
        slug="spring-warm-up",
        title="Spring Warm-up",
        summary="Where it all began.",
        window=(now - timedelta(days=90), now - timedelta(days=70)),
        dates=(now - timedelta(days=60), now - timedelta(days=30)),
    )
    running = _ensure_event(
        organization,
        rows,
        slug="spring-sprint",
        title="Spring Sprint",
        summary="Under way: two dozen racers, one track, a month to go.",
        window=(now - timedelta(days=20), now + timedelta(days=10)),
        dates=(now - timedelta(days=5), now + timedelta(days=25)),
        capacity=60,
    )
    colleagues_only = _ensure_event(
        organization,
        rows,
        slug="pit-crew",
        title="Pit Crew Challenge",
        summary="For whoever has a Contoso account: sign in, and the form is filled already.",
        window=(now - timedelta(days=1), now + timedelta(days=30)),
        dates=(now - timedelta(hours=12), now + timedelta(days=33)),
        requires_sign_in=True,
    )
    fill_running_event(running)
    ensure_price(rows.account, training_hour=350 * CENT)
    portal = _ensure_event(
        organization,
        rows,
        slug=PORTAL_EVENT,
        title="Portal Grand Prix",
        summary="People register in Contoso's own portal; Paddock reads its table.",
        window=(now - timedelta(days=5), now + timedelta(days=30)),
        dates=(now + timedelta(days=10), now + timedelta(days=40)),
        capacity=200,
    )
    return [summer, running, colleagues_only, portal, colleagues, later, past]


def ensure_fabrikam_events(organization: Organization, rows: Connections) -> list[Event]:
    now = timezone.now()
    open_event = _ensure_event(
        organization,
        rows,
        slug="team-race",
        title="Team Race",
        summary="For everybody at Fabrikam, from the shop floor to the board.",
        window=(now - timedelta(days=2), now + timedelta(days=40)),
        dates=(now + timedelta(days=7), now + timedelta(days=45)),
        capacity=300,
        allowed_email_domains=["fabrikam.example"],
    )
    full = _ensure_event(
        organization,
        rows,
        slug="board-duel",
        title="Board Duel",
        summary="Two seats, one lap.",
        window=(now - timedelta(days=2), now + timedelta(days=40)),
        dates=(now + timedelta(days=7), now + timedelta(days=45)),
        capacity=2,
    )
    for name in ("Amina Okafor", "Jonas Lind"):
        given_name, family_name = name.split()
        email = f"{given_name.lower()}.{family_name.lower()}@fabrikam.example"
        register(event=full, applicant=Applicant(email, given_name, family_name, "", {}))
    closed = _ensure_event(
        organization,
        rows,
        slug="apprentice-lap",
        title="Apprentice Lap",
        summary="Registration has closed, the race is on.",
        window=(now - timedelta(days=30), now - timedelta(days=1)),
        dates=(now - timedelta(days=1), now + timedelta(days=20)),
    )
    deployment = _ensure_event(
        organization,
        replace(rows, account=rows.accounts[-1]),
        slug="cloud-cup",
        title="Cloud Cup",
        summary="At Fabrikam's own DeepRacer on AWS: sign in with a password from a mail.",
        description=ABOUT_DEPLOYMENT,
        window=(now - timedelta(days=2), now + timedelta(days=40)),
        dates=(now - timedelta(days=1), now + timedelta(days=45)),
        capacity=100,
    )
    for account, training_hour in zip(rows.accounts, (350 * CENT, 120 * CENT), strict=True):
        ensure_price(account, training_hour=training_hour)
    return [open_event, deployment, full, closed]


def _ensure_event(
    organization: Organization,
    rows: Connections,
    *,
    window: tuple[datetime, datetime],
    dates: tuple[datetime, datetime],
    **fields: Any,
) -> Event:
    """Dates move along with each start, so that an open event stays open however old the state folder is."""
    moving = {
        "registration_opens_at": window[0],
        "registration_closes_at": window[1],
        "starts_at": _on_the_hour(dates[0]),
        "ends_at": _on_the_hour(dates[1]),
    }
    fixed = {
        "description": ABOUT,
        "time_zone": "Europe/Berlin",
        "is_published": True,
        "directory": rows.directory,
    }
    event, created = Event.objects.update_or_create(
        organization=organization, slug=fields.pop("slug"), defaults=moving, create_defaults=moving | fixed | fields
    )
    if created:
        EventAccount.objects.create(organization=organization, event=event, sponsoring_account=rows.account)
        add_built_in_questions(event=event)
        Material.objects.bulk_create(
            [
                Material(organization=organization, event=event, position=position, **material)
                for position, material in enumerate(MATERIALS)
            ]
        )
    return event


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
