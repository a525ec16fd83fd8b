"""Racers whom nobody knows, and who they might be. Suggestions are for a person to judge: nothing is done by them."""

import difflib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from participants.models import Participant, RacerProfile

MOST = 3
LEAST_LIKENESS = 0.6


@dataclass(frozen=True)
class Suggestion:
    """`why` says what they have in common with the racer."""

    participant: Participant
    why: str


def find_strangers() -> QuerySet[RacerProfile]:
    """Racers of the service who are linked to nobody, and of whom nobody said that this is right."""
    strangers = RacerProfile.objects.filter(participant=None, is_ignored=False).exclude(service_id="")
    return strangers.select_related("sponsoring_account").order_by("alias", "id")


def suggest_participants(*, profiles: Sequence[RacerProfile]) -> dict[int, list[Suggestion]]:
    """By the profiles' ids: who is awaited on the same account and goes by a like name. One query."""
    accounts = {profile.sponsoring_account_id for profile in profiles}
    awaited = RacerProfile.objects.filter(sponsoring_account__in=accounts, service_id="", participant__isnull=False)
    names: dict[int, dict[str, list[Suggestion]]] = {account: defaultdict(list) for account in accounts}
    for row in awaited.select_related("participant").order_by("id"):
        if row.participant:
            for name, suggestion in _name(row, row.participant):
                names[row.sponsoring_account_id][name].append(suggestion)
    return {profile.pk: _find_alike(profile, names[profile.sponsoring_account_id]) for profile in profiles}


def _name(row: RacerProfile, person: Participant) -> list[tuple[str, Suggestion]]:
    local_part = person.email.partition("@")[0]
    named = {
        row.alias: f"announced “{row.alias}”",
        local_part: "by the e-mail address",
        f"{person.given_name}{person.family_name}": "by the name",
        f"{person.given_name}-{person.family_name}": "by the name",
        person.given_name: "by the name",
    }
    return [(name.lower(), Suggestion(person, why)) for name, why in named.items() if name]


def _find_alike(profile: RacerProfile, names: dict[str, list[Suggestion]]) -> list[Suggestion]:
    """The most alike first, everybody once."""
    alike = difflib.get_close_matches(profile.alias.lower(), list(names), n=MOST, cutoff=LEAST_LIKENESS)
    found: dict[int, Suggestion] = {}
    for name in alike:
        for suggestion in names[name]:
            found.setdefault(suggestion.participant.pk, suggestion)
    return list(found.values())[:MOST]
