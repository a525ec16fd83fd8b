"""What a race should be, in the words of a racing service."""

from dataclasses import fields

from django.utils.text import slugify

from events.models import Race
from integrations.errors import IntegrationError
from integrations.racing.protocol import RaceDefinition, RaceType, SeenRace, Timing

LONGEST_NAME = 64

# What a person decides about a race; a result is written down only while these are as they were when it was asked for.
INTENT = (
    "name",
    "description",
    "sponsoring_account_id",
    "opens_at",
    "closes_at",
    "track",
    "race_type",
    "timing",
    "laps",
    "submissions_per_racer",
    "wants_closed",
)


def name_race(race: Race) -> str:
    """How the service tells it from all others: readable, and unique by its end."""
    end = f"-{race.pk}"
    return (slugify(race.name).replace("_", "-").strip("-")[: LONGEST_NAME - len(end)].rstrip("-") or "race") + end


def define_race(race: Race) -> RaceDefinition:
    """As it should be by now: a race that is not made yet keeps the name that it may have been made by already.

    Raises IntegrationError where the race does not say what a service must know.
    """
    if not race.opens_at or not race.closes_at or not race.track:
        raise IntegrationError(
            "The race needs an opening, a closing and a track. Fill them in and save.", permanent=True
        )
    return RaceDefinition(
        name=name_race(race) if race.service_id or not race.service_name else race.service_name,
        description=" ".join(race.description.split()) or race.name,
        opens_at=race.opens_at,
        closes_at=race.closes_at,
        track=race.track,
        race_type=RaceType(race.race_type),
        timing=Timing(race.timing),
        laps=race.laps,
        submissions_per_racer=race.submissions_per_racer,
    )


def list_differences(seen: SeenRace, wanted: RaceDefinition) -> list[str]:
    """Names of what the service shows otherwise. What it does not tell is taken for right."""
    names = [field.name for field in fields(RaceDefinition)]
    return [name for name in names if not _is_alike(getattr(seen, name), getattr(wanted, name))]


def _is_alike(seen: object, wanted: object) -> bool:
    """A service keeps milliseconds at best."""
    if seen is None or not hasattr(wanted, "timestamp"):
        return seen is None or seen == wanted
    return abs((seen - wanted).total_seconds()) < 1  # type: ignore[operator, no-any-return]
