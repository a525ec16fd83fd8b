"""The demonstration's events, one for each state that a visitor may meet, and what they say and ask."""

from dataclasses import dataclass, field
from typing import Any

from events.models import Question

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


@dataclass(frozen=True)
class Plan:
    """An event. Its days are counted from today: of registration, and of the event itself."""

    slug: str
    title: str
    summary: str
    open: tuple[float, float]
    runs: tuple[float, float]
    fields: dict[str, Any] = field(default_factory=dict)


SUMMER, RUNNING, PORTAL = "summer-cup", "spring-sprint", "portal-grand-prix"
FULL, CLOUD = "board-duel", "cloud-cup"

CONTOSO = [
    Plan(
        SUMMER,
        "Summer Cup",
        "Teach a car to race itself: the company-wide machine-learning event.",
        open=(-3, 60),
        runs=(14, 62),
        fields={"capacity": 2000, "allows_guests": True},
    ),
    Plan(
        RUNNING,
        "Spring Sprint",
        "Under way: two dozen racers, one track, a month to go.",
        open=(-20, 10),
        runs=(-5, 25),
        fields={"capacity": 60},
    ),
    Plan(
        "pit-crew",
        "Pit Crew Challenge",
        "For whoever has a Contoso account: sign in, and the form is filled already.",
        open=(-1, 30),
        runs=(-1, 33),
        fields={"requires_sign_in": True},
    ),
    Plan(
        PORTAL,
        "Portal Grand Prix",
        "People register in Contoso's own portal; Paddock reads its table.",
        open=(-5, 30),
        runs=(10, 40),
        fields={"capacity": 200},
    ),
    Plan(
        "lunch-laps",
        "Lunch Laps",
        "Half an hour, every day, for colleagues only.",
        open=(-1, 30),
        runs=(3, 33),
    ),
    Plan("winter-series", "Winter Series", "Six evenings, six tracks.", open=(20, 50), runs=(60, 120)),
    Plan("spring-warm-up", "Spring Warm-up", "Where it all began.", open=(-90, -70), runs=(-60, -30)),
]

FABRIKAM = [
    Plan(
        "team-race",
        "Team Race",
        "For everybody at Fabrikam, from the shop floor to the board.",
        open=(-2, 40),
        runs=(7, 45),
        fields={"capacity": 300, "allowed_email_domains": ["fabrikam.example"]},
    ),
    Plan(
        CLOUD,
        "Cloud Cup",
        "At Fabrikam's own DeepRacer on AWS: sign in with a password from a mail.",
        open=(-2, 40),
        runs=(-1, 45),
        fields={"capacity": 100, "description": ABOUT_DEPLOYMENT},
    ),
    Plan(FULL, "Board Duel", "Two seats, one lap.", open=(-2, 40), runs=(7, 45), fields={"capacity": 2}),
    Plan(
        "apprentice-lap",
        "Apprentice Lap",
        "Registration has closed, the race is on.",
        open=(-30, -1),
        runs=(-1, 20),
    ),
]
